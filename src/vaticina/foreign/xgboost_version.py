"""The version of XGBoost that wrote a pickle: XGBoost puts it into the document of every booster."""

import re
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("xgboost", "xgboost-cpu")
"""The packages that XGBoost comes in."""

IN_UBJSON = re.compile(rb"version\[#L\x00{7}\x03" + rb"[iU]([\x00-\xff])" * 3, re.DOTALL)
"""Three counted numbers of one byte each, as Universal Binary JSON writes them (https://ubjson.org)."""

IN_JSON = re.compile(rb'"version":\s*\[(\d+),\s*(\d+),\s*(\d+)\]')


def xgboost_version(data: bytes) -> str | None:
    """The newest version of XGBoost that wrote a booster in the pickle ``data``; None when there is no booster."""
    versions: list[tuple[int, ...]] = []
    for match in IN_UBJSON.finditer(data):
        versions.append(tuple(map(ord, match.groups())))
    for match in IN_JSON.finditer(data):
        versions.append(tuple(map(int, match.groups())))
    if not versions:
        return None
    return ".".join(map(str, max(versions)))


def reads_here(written_by: str | None) -> bool:
    """Whether the XGBoost installed here reads pickles of the version ``written_by``: the first number is the same."""
    installed = installed_xgboost()
    if written_by is None or installed is None:
        return True  # without XGBoost, opening the file tells what is missing
    return installed.partition(".")[0] == written_by.partition(".")[0]


def installed_xgboost() -> str | None:
    """The version of XGBoost that is installed here, with or without its code for graphics cards; None without any."""
    for package in PACKAGES:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return None
