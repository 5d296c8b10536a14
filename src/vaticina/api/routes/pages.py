"""``/docs`` and ``/redoc``: the pages about the API, whole without the internet."""

from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from starlette.responses import FileResponse, HTMLResponse

from vaticina.api.routes.register import register
from vaticina.errors import NotFound

ASSETS = ("swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js", "favicon.png")
KEPT = {"cache-control": "public, max-age=86400"}


def add_pages(router: APIRouter, title: str) -> None:
    """Adds the two pages and the files they are made of; their addresses are relative, for proxies with a prefix."""
    folder = _folder()

    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="openapi.json",
            title=title,
            swagger_js_url="docs/assets/swagger-ui-bundle.js",
            swagger_css_url="docs/assets/swagger-ui.css",
            swagger_favicon_url="docs/assets/favicon.png",
        )

    async def redoc() -> HTMLResponse:
        return get_redoc_html(
            openapi_url="openapi.json",
            title=title,
            redoc_js_url="docs/assets/redoc.standalone.js",
            redoc_favicon_url="docs/assets/favicon.png",
            with_google_fonts=False,
        )

    async def asset(name: str) -> FileResponse:
        if name not in ASSETS:
            raise NotFound
        return FileResponse(folder / name, headers=KEPT)

    for path, endpoint in (("/docs", docs), ("/redoc", redoc), ("/docs/assets/{name}", asset)):
        register(router, path, endpoint, "public", include_in_schema=False)


def _folder() -> Path:
    """Where the package that brings the files keeps them; its code is not run."""
    spec = find_spec("fastapi_offline")
    return Path(str(spec.origin)).with_name("static") if spec else Path()
