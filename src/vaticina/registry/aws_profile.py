"""Credentials as ``aws configure`` writes them, which obstore alone does not read."""

from typing import TYPE_CHECKING

from vaticina.errors import MissingExtra, RegistryError
from vaticina.settings import has_aws_profile

if TYPE_CHECKING:  # it imports boto3, which only a profile needs
    from obstore.auth.boto3 import Boto3CredentialProvider


def profile_credentials() -> "Boto3CredentialProvider | None":
    """obstore's provider of the credentials of the profile in ``~/.aws``; None when there is no such folder, or the
    environment holds keys, which come first.

    Raises:
        MissingExtra: boto3, which reads the profile, is not installed.
        RegistryError: the profile that ``AWS_PROFILE`` names is not there, or holds no credentials.
    """
    if not has_aws_profile():
        return None
    try:
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ModuleNotFoundError:
        raise MissingExtra.of("boto3", "The profile of 'aws configure' (AWS_ACCESS_KEY_ID is not set)") from None
    try:
        provider = Boto3CredentialProvider()
    except Exception as error:  # botocore's own classes share no parent with anything
        raise RegistryError(
            f"The AWS profile cannot be used: {' '.join(str(error).split())[:200]}; run 'aws configure', "
            "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        ) from None
    provider.config = {}  # its region would replace that of AWS_REGION
    return provider
