"""Every route there is: found by walking the application, so that none can be forgotten."""

from collections.abc import Iterator

import orjson
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from tests.api.clinic import ROW, open_app, project, served, service
from tests.api.wire import ask, predict
from vaticina.api.app import make_app
from vaticina.api.routes.health import health_router
from vaticina.api.routes.register import check_scopes, register
from vaticina.api.server import look_interval
from vaticina.api.service import Service

ALONE = {
    "/",
    "/docs",
    "/docs/assets/{name}",
    "/health",
    "/health/live",
    "/health/ready",
    "/model/info",
    "/openapi.json",
    "/predict",
    "/predictions",
    "/predictions/stats",
    "/predictions/{uid}",
    "/redoc",
}


def walked(app: FastAPI) -> set[str]:
    """Paths that FastAPI serves by itself, and those of its document, which knows included routers."""
    own = {path for path in (getattr(route, "path", None) for route in app.routes) if path}
    return own | set(get_openapi(title="", version="", routes=app.routes)["paths"])


@pytest.fixture(scope="module")
def paths() -> set[str]:
    gate = make_app([service()])
    assert isinstance(gate._inner, FastAPI)
    return walked(gate._inner) | set(gate._engines)


def test_the_routes_are_these(paths: set[str]) -> None:
    assert paths == ALONE


@pytest.mark.parametrize("path", sorted(ALONE | {"/nowhere", "/static/x", "/models/clinic/predict"}))
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "DELETE", "OPTIONS", "PUT", "PATCH"])
def test_every_route_refuses_a_caller_from_elsewhere(private_port: int, path: str, method: str) -> None:
    for header in (("Host", "evil.com"), ("X-Forwarded-For", "10.0.0.1")):
        heard = ask(private_port, method, path.replace("{uid}", "x"), b"{}", header)
        assert heard.status == 403
        assert method == "HEAD" or heard.json()["code"] == "not_local"


def test_a_web_socket_passes_no_gate(private_port: int) -> None:
    headers = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]
    assert ask(private_port, "GET", "/predict", None, *headers).status in (400, 403, 405)
    assert ask(private_port, "GET", "/predict", None, ("Host", "evil.com"), *headers).status in (400, 403)


def test_a_route_without_a_scope_stops_the_start() -> None:
    router = APIRouter()
    register(router, "/known", lambda: None, "public")
    check_scopes(router.routes)
    router.add_api_route("/forgotten", lambda: None)
    with pytest.raises(RuntimeError, match="/forgotten has no scope"):
        check_scopes(router.routes)


def test_an_application_with_such_a_route_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(_: Service) -> APIRouter:
        router = APIRouter()
        router.add_api_route("/forgotten", lambda: None)
        return router

    monkeypatch.setattr("vaticina.api.app.ROUTERS", (health_router, forgetful))
    with pytest.raises(RuntimeError, match="/forgotten has no scope"):
        make_app([service()])


def test_a_route_that_hides_others_stops_the_start() -> None:
    inner, outer = APIRouter(), APIRouter()
    inner.add_api_route("/hidden", lambda: None)
    outer.include_router(inner)
    with pytest.raises(RuntimeError):
        check_scopes(outer.routes)


@pytest.fixture(scope="module")
def two() -> Iterator[int]:
    """A server with two projects."""
    with served(open_app(service(project("clinic")), service(project("ward-b")))) as port:
        yield port


def test_several_projects_answer_each_under_its_name(two: int) -> None:
    for name in ("clinic", "ward-b"):
        heard = ask(two, "POST", f"/models/{name}/predict", b'{"age": 1, "visits": 1, "ward": "north"}')
        assert heard.status == 200
        uid = heard.headers["vaticina-prediction"]
        assert ask(two, "GET", f"/models/{name}/predictions/{uid}").json()["uid"] == uid
        assert ask(two, "GET", f"/models/{name}/predictions/stats").json()["total"] == 1
        assert ask(two, "GET", f"/models/{name}/health").json()["status"] == "healthy"
        assert ask(two, "GET", f"/models/{name}/health/ready").status == 200
        assert ask(two, "GET", f"/models/{name}/model/info").json()["project"] == name
        assert ask(two, "GET", f"/models/{name}/").json()["predict"] == f"POST /models/{name}/predict"
        other = "ward-b" if name == "clinic" else "clinic"
        assert ask(two, "GET", f"/models/{other}/predictions/{uid}").status == 404


def test_the_root_of_several_names_them(two: int) -> None:
    assert ask(two, "GET", "/").json()["projects"] == {"clinic": "/models/clinic/", "ward-b": "/models/ward-b/"}
    assert ask(two, "GET", "/health/live").json() == {"status": "live"}
    lost = predict(two, ROW)
    assert (lost.status, lost.json()["detail"]) == (
        404,
        "Nothing is served at this address; GET / names the projects that are.",
    )
    assert ask(two, "GET", "/models/clinic").json() == ask(two, "GET", "/models/clinic/").json()
    assert ask(two, "GET", "/models/clinic/x").status == ask(two, "GET", "/models").status == 404
    assert ask(two, "OPTIONS", "/models/ward-b/predict").headers["allow"] == "OPTIONS, POST"
    assert set(ask(two, "GET", "/openapi.json").json()["paths"]) >= {"/models/clinic/predict", "/models/ward-b/predict"}


def test_one_private_project_makes_a_server_private() -> None:
    with served(open_app(service(project("clinic")), service(project("ward-b", auth="local")))) as port:
        for name in ("clinic", "ward-b"):
            heard = ask(port, "GET", f"/models/{name}/health", None, ("Host", "evil.com"))
            assert (heard.status, heard.json()["code"]) == (403, "not_local")


def test_two_hundred_projects_start() -> None:
    services = [service(project(f"p{at}")) for at in range(200)]
    with served(open_app(*services)) as port:
        assert ask(port, "GET", "/models/p199/health").json()["status"] == "healthy"
        assert ask(port, "POST", "/models/p0/predict", orjson.dumps(ROW)).status == 200


@pytest.mark.parametrize(("projects", "seconds"), [(1, 1), (20, 1), (200, 10)])
def test_aliases_are_looked_at_every_second_but_at_most_twenty_in_one(projects: int, seconds: float) -> None:
    assert look_interval(projects) == seconds
