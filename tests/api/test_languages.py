"""A refusal is whole in one language: the caller's, else the project's, and English where there is no translation."""

from collections.abc import Iterator

import pytest

from tests.api.clinic import open_app, project, served, service
from tests.api.wire import Heard, ask
from vaticina.api.problems import problem
from vaticina.contract import Project
from vaticina.errors import PredictionFailed, QueueFull, VaticinaError

SPANISH = ("Accept-Language", "es")
ENGLISH = ("Accept-Language", "en")


def spanish_project(name: str = "clinic") -> Project:
    about = project(name)
    return about.model_copy(update={"project": about.project.model_copy(update={"language": "es"})})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(open_app()) as port:
        yield port


REFUSALS = {
    "no body": ("POST", "/predict", b"", "está vacío", "is empty"),
    "byte order mark": ("POST", "/predict", b"\xef\xbb\xbf{}", "marca de orden", "byte order mark"),
    "no JSON": ("POST", "/predict", b"{", "no es un solo documento JSON", "not one JSON document"),
    "no list": ("POST", "/predict", b"[]", "no contiene ninguna fila", "holds no row"),
    "another method": ("DELETE", "/predict", b"", "Envíe un POST", "Send a POST"),
    "no such page": ("GET", "/nowhere", b"", "No se sirve nada", "Nothing is served"),
    "no such prediction": ("GET", "/predictions/nobody", b"", "se llama 'nobody'", "is called 'nobody'"),
    "no number": ("GET", "/predictions?limit=x", b"", "limit debe ser un número entero", "limit: "),
    "too small": ("GET", "/predictions?limit=0", b"", "limit debe ser 1 o más", "greater than or equal to 1"),
    "too large": ("GET", "/predictions?limit=9999", b"", "limit debe ser 1000 o menos", "less than or equal to 1000"),
    "no moment": ("GET", "/predictions?since=x", b"", "since no se puede usar", "since: "),
    "large body": ("POST", "/predict", b" " * 100_001, "envíe menos filas", "send fewer rows"),
    "a failing model": ("POST", "/predict", b'{"age": 13.13, "visits": 3, "ward": "south"}', "El modelo", "The model"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_title_and_detail_are_in_the_language_asked_for(port: int, name: str) -> None:
    method, path, body, spanish, english = REFUSALS[name]
    for header, language, words in ((SPANISH, "es", spanish), (ENGLISH, "en", english)):
        heard = ask(port, method, path, body, header)
        assert heard.headers["content-language"] == language
        assert words in heard.json()["detail"]
    assert ask(port, method, path, body, SPANISH).json()["title"] != heard.json()["title"]


def test_a_caller_who_asks_for_no_language_gets_the_project_s() -> None:
    def refused(heard: Heard) -> tuple[str, str]:
        return heard.headers["content-language"], heard.json()["detail"]

    with served(open_app(service(spanish_project()))) as port:
        assert refused(ask(port, "POST", "/predict", b""))[0] == "es"
        assert refused(ask(port, "GET", "/nowhere"))[0] == "es"
        assert refused(ask(port, "POST", "/predict", b"", ENGLISH))[0] == "en"
        assert ask(port, "GET", "/openapi.json").json()["info"]["title"] == "Clínica"


def test_each_project_of_a_server_has_its_language() -> None:
    apps = service(project("clinic")), service(spanish_project("clinica"))
    with served(open_app(*apps)) as port:
        answers = {
            path: ask(port, "POST", path, b"").headers["content-language"]
            for path in ("/models/clinic/predict", "/models/clinica/predict", "/nowhere")
        }
    assert answers == {"/models/clinic/predict": "en", "/models/clinica/predict": "es", "/nowhere": "en"}


def test_what_has_no_translation_is_english_from_title_to_detail() -> None:
    reply = problem(PredictionFailed("Input contains NaN."), "es", "/predict", "1")
    assert (b"content-language", b"en") in reply.headers
    assert b'"title":"The model failed on this row"' in reply.body
    for error in (VaticinaError("secret"), QueueFull()):
        assert (b"content-language", b"es") in problem(error, "es", "/predict", "1").headers
