"""Errors as answers: the only place that builds problem documents (RFC 9457)."""

from collections.abc import Mapping

import orjson

from vaticina.api.response import Headers, Reply
from vaticina.contract.messages import TITLES, Language
from vaticina.contract.violations import MAX_VIOLATIONS, say
from vaticina.errors import BodyTimeout, ContractViolation, PredictionFailed, QueueFull, VaticinaError

CONTENT_TYPE = b"application/problem+json"


def problem(error: VaticinaError, language: Language, path: str, request_id: str) -> Reply:
    """``error`` as an answer in ``language``; ``path`` and ``request_id`` tell which request it was."""
    document: dict[str, object] = {
        "type": f"urn:vaticina:error:{error.code}",
        "title": TITLES[error.code][language],
        "status": error.status,
        "detail": _detail(error, language),
        "instance": path,
        "code": error.code,
        "request_id": request_id,
        **error.details,
    }
    if isinstance(error, ContractViolation):
        violations = [say(violation, language) for violation in error.violations[:MAX_VIOLATIONS]]
        listed = any(violation.get("row") for violation in violations)
        document["detail"] = "; ".join(_placed(violation, listed) for violation in violations[:3])
        document["errors"] = violations
    headers: Headers = [(b"content-type", CONTENT_TYPE), (b"content-language", language.encode())]
    if isinstance(error, QueueFull):
        headers.append((b"retry-after", str(error.retry_after).encode()))
    if isinstance(error, BodyTimeout):  # what still comes of that body is nobody's request
        headers.append((b"connection", b"close"))
    return Reply(error.status, headers, orjson.dumps(document, default=str))


def _detail(error: VaticinaError, language: Language) -> str:
    if _is_for_callers(error):
        return error.translations.get(language, error.message)
    return error.__class__.__doc__ or error.code


def _is_for_callers(error: VaticinaError) -> bool:
    """What failed inside is told with its files, hosts and versions to the log only."""
    return error.status < 500 or isinstance(error, PredictionFailed)


def _placed(violation: Mapping[str, object], listed: bool) -> str:
    if listed and "row" in violation:
        return f"[{violation['row']}] {violation['message']}"
    return str(violation["message"])
