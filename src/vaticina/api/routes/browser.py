"""What a browser gets at ``/``: the answer of that route on a page, with links to the documentation."""

import html
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from vaticina.api.response import as_json
from vaticina.contract.messages import Language

LINKS: dict[Language, dict[str, str]] = {
    "en": {"docs": "Try the API", "redoc": "Read about the API"},
    "es": {"docs": "Probar la API", "redoc": "Leer sobre la API"},
}
"""The pages about the API, and what a link to each says."""

PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body><h1>{title}</h1><ul>{links}</ul><pre>{content}</pre></body>
</html>
"""

VARY = {"vary": "Accept"}


def page_or_json(request: Request, content: dict[str, Any], title: str) -> Response:
    """``content`` as JSON, or as a page when the caller asks for HTML, as browsers do."""
    if "text/html" not in request.headers.get("accept", ""):
        return as_json(content, headers=VARY)
    language: Language = request.state.language
    upwards = "../" * (request.url.path.count("/") - 1)  # relative, for proxies with a prefix
    links = "".join(f'<li><a href="{upwards}{name}">{text}</a></li>' for name, text in LINKS[language].items())
    shown = html.escape(json.dumps(content, ensure_ascii=False, indent=2))
    page = PAGE.format(language=language, title=html.escape(title), links=links, content=shown)
    return HTMLResponse(page, headers=VARY)
