"""The region and the endpoint that the AWS profile in use names, which obstore does not read.

They are read here and not by boto3, so that keys in the environment need no extra package.
"""

import configparser
from collections.abc import Mapping
from pathlib import Path

from vaticina.errors import RegistryError
from vaticina.settings import Aws

Values = Mapping[str, str]


def profile_options() -> dict[str, str]:
    """``region`` and ``endpoint`` of the profile, as obstore's options; not those that the environment sets.

    Both are found as botocore finds them: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html

    Raises RegistryError when a file of the profile cannot be read.
    """
    aws = Aws()
    config = _read(aws.aws_config_file)
    profile = {**_profile(config, aws.profile), **_read(aws.aws_shared_credentials_file).get(aws.profile, {})}
    options: dict[str, str] = {}
    if "region" in profile and not aws.has_region:
        options["region"] = profile["region"]
    endpoint = _endpoint(config, profile)
    if endpoint and not aws.has_endpoint:
        options["endpoint"] = endpoint
    return options


def _profile(config: Mapping[str, Values], name: str) -> Values:
    """The section of ``config`` for the profile ``name``: ``[default]`` or ``[profile NAME]``."""
    if name == "default" and "default" in config:
        return config["default"]
    return _section(config, "profile", name)


def _endpoint(config: Mapping[str, Values], profile: Values) -> str | None:
    """``endpoint_url`` of S3 in the profile's ``[services NAME]``, else the profile's own."""
    if profile.get("ignore_configured_endpoint_urls", "").lower() == "true":
        return None
    service = _section(config, "services", profile.get("services", "")).get("s3", "")
    return _nested(service).get("endpoint_url") or profile.get("endpoint_url")


def _section(config: Mapping[str, Values], kind: str, name: str) -> Values:
    """The section ``[KIND NAME]``, whose name may stand in quotes."""
    for heading, values in config.items():
        heading_kind, _, heading_name = heading.partition(" ")
        if heading_kind == kind and heading_name.strip(" \"'") == name:
            return values
    return {}


def _nested(text: str) -> dict[str, str]:
    """The indented lines ``key = value`` below a key."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals:
            values[key.strip()] = value.strip()
    return values


def _read(file: Path) -> dict[str, Values]:
    """The sections of ``file``; none when there is no such file. Raises RegistryError."""
    parser = configparser.RawConfigParser(default_section="")
    path = file.expanduser()
    try:
        if path.is_file():
            parser.read_string(path.read_text(encoding="utf-8"))
    except (configparser.Error, UnicodeDecodeError, OSError):  # their texts may quote a line with a key
        raise RegistryError(f"The AWS file {path} cannot be read; correct it, or run 'aws configure' again.") from None
    return {name: dict(parser.items(name)) for name in parser.sections()}
