"""Errors of object stores, explained in words that hold no secret.

The texts of these errors quote URLs, headers and answers, and with them tokens and key ids. Only the parts that are
matched here are repeated.
"""

import re

from obstore.exceptions import (
    BaseError,
    InvalidPathError,
    NotSupportedError,
    PermissionDeniedError,
    UnauthenticatedError,
    UnknownConfigurationKeyError,
)

FAILURES = (BaseError, OSError, ValueError)
"""The exceptions that a call of obstore raises."""

REFUSED = "it refuses these credentials; check that they may read and write there"
STATUS = re.compile(r"status code: (\d{3})")
MISSING_CREDENTIALS = ("169.254.169.254", "169.254.170.2", "metadata.google.internal", "MissingAccessKey")
MISSING_SETTING = re.compile(r"\b(Account|Bucket|Container|Region)\b[\w ]*must be specified", re.IGNORECASE)
SYSTEM = re.compile(r"([A-Z][\w ,'-]{3,80}) \(os error \d+\)")
"""The operating system's reason, in an error of a local folder."""


def reason(error: Exception) -> str:
    """Why a store failed and what to do about it, as the end of a sentence."""
    text = str(error)
    if isinstance(error, PermissionDeniedError | UnauthenticatedError | PermissionError):
        return REFUSED
    if any(hint in text for hint in MISSING_CREDENTIALS):
        return (
            "no credentials were found; set them in the environment, run 'aws configure', or run where there is a role"
        )
    if isinstance(error, UnknownConfigurationKeyError):
        return "an option is not known; check its spelling"
    if match := MISSING_SETTING.search(text):
        return f"its {match[1].lower()} is not named; name it in the URL or the environment"
    if isinstance(error, InvalidPathError):
        return "a key in it has an empty part, or a part called . or ..; rename or remove that object"
    if "Unable to recognise URL" in text:
        return "Vaticina knows no such kind of store; write a folder, s3://, gs:// or az://"
    status = STATUS.search(text)
    if isinstance(error, FileNotFoundError) or (status and status[1] == "404"):
        return "there is no such bucket or folder; check its name"
    if isinstance(error, ValueError):
        return "the name has characters that a store does not take"
    if isinstance(error, NotSupportedError):
        return "it does not support this operation"
    if status:
        return REFUSED if status[1] in ("401", "403") else f"it answered with status {status[1]}"
    if "redirect without LOCATION" in text:
        return "the bucket is in another region; set AWS_REGION, or the region in ~/.aws/config"
    if "timed out" in text or "timeout" in text.lower().replace("retry_timeout", ""):
        return "it did not answer in time"
    if "error sending request" in text or "HTTP error" in text:
        return "no connection; check that it is reachable"
    if match := SYSTEM.search(text):
        return f"{match[1]}; check the folder, its rights and its disk"
    return f"{type(error).__name__}; check its address and its state"
