"""The OpenAPI document, checked by hand: its references, its keys, and that its examples work."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.api.clinic import CLASSES, ROW, Published, open_app, project, served, service
from tests.api.conformance import Document, assert_complete, assert_history
from tests.api.wire import ask, predict
from vaticina.contract import Validator
from vaticina.contract.project import parse_project

Schema = dict[str, Any]


@pytest.fixture(scope="module")
def document(port: int) -> Schema:
    heard = ask(port, "GET", "/openapi.json")
    assert heard.headers["content-type"] == "application/json"
    found: Schema = heard.json()
    return found


def nodes(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def operations(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_it_has_what_a_document_must(document: Schema) -> None:
    assert re.fullmatch(r"3\.1\.\d", document["openapi"])
    assert document["info"]["title"] == "Clinic"
    assert document["info"]["version"]
    for path, method, operation in operations(document):
        assert path.startswith("/")
        assert method in ("get", "post")
        assert operation["responses"]
        assert all(re.fullmatch(r"\d{3}|default", status) for status in operation["responses"])
        assert all(response["description"] for response in operation["responses"].values())
        named = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))


def test_operation_ids_are_unique(document: Schema) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(ids)) == len(ids)


def test_every_reference_leads_somewhere(document: Schema) -> None:
    references = {node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)}
    assert references
    for reference in references:
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_nothing_of_ours_is_left_in_it(document: Schema) -> None:
    assert "vaticina-scope" not in orjson.dumps(document).decode()


def test_every_schema_has_types_that_exist(document: Schema) -> None:
    known = {"array", "boolean", "integer", "null", "number", "object", "string"}
    for schema in nodes(document["components"]["schemas"]):
        kind = schema.get("type")
        if isinstance(kind, str | list) and "properties" not in schema.get("type", ()):
            assert set([kind] if isinstance(kind, str) else kind) <= known


def test_the_row_tells_units_ranges_categories_and_defaults(document: Schema) -> None:
    row = document["components"]["schemas"]["ClinicRow"]
    age, ward, town = (row["properties"][name] for name in ("age", "ward", "town"))
    assert (age["type"], age["minimum"], age["maximum"], age["x-unit"], age["example"]) == (
        "number",
        0,
        150,
        "years",
        45.5,
    )
    assert age["description"] == "Age. Unit: years."
    assert (ward["type"], ward["enum"]) == ("string", ["north", "south"])
    assert (town["type"], "enum" in town) == (["string", "null"], False)
    assert row["properties"]["smoker"]["default"] is False
    assert row["properties"]["at"]["default"] == "2026-01-31T12:00:00+00:00"
    assert row["required"] == ["age", "visits", "ward"]


def test_its_examples_satisfy_the_contract_and_are_answered_as_it_says(port: int, document: Schema) -> None:
    body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    validator = Validator(Published().contract)
    answer = document["components"]["schemas"]["ClinicAnswer"]
    for example in body["examples"].values():
        validator.parse(orjson.dumps(example["value"]))
        heard = predict(port, example["value"])
        assert heard.status == 200
        for one in heard.json() if isinstance(heard.json(), list) else [heard.json()]:
            assert list(one) == answer["required"] == list(answer["properties"])
            assert one["risk"] in answer["properties"]["risk"]["enum"] == list(CLASSES)
    row = document["components"]["schemas"]["ClinicRow"]
    assert predict(port, row["example"]).status == 200


def test_every_answer_of_predict_is_described(document: Schema) -> None:
    operation = document["paths"]["/predict"]["post"]
    assert set(operation["responses"]) == {"200", "400", "408", "409", "413", "422", "429", "500", "503", "504"}
    headers = {"Vaticina-Outside", "Vaticina-Prediction", "Vaticina-Version", "X-Request-Id"}
    assert set(operation["responses"]["200"]["headers"]) == headers


def test_the_document_is_complete(port: int) -> None:
    document = Document(f"http://127.0.0.1:{port}")
    assert_complete(document)
    assert next(iter(document.document["paths"])) == "/predict"
    assert all("403" not in operation["responses"] for _, _, operation in document.operations())


def test_every_route_answers_as_it_is_described(port: int) -> None:
    document = Document(f"http://127.0.0.1:{port}")
    answered = document.ask("POST", "/predict", json=ROW)
    document.ask("POST", "/predict", json=[ROW, ROW])
    assert_history(document, answered.headers["vaticina-prediction"])


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"{", 400), (b"{}", 422), (b"[]", 422), (b"x" * 200_000, 413)]
)
def test_a_refusal_of_predict_is_as_it_is_described(port: int, body: bytes, status: int) -> None:
    assert Document(f"http://127.0.0.1:{port}").ask("POST", "/predict", content=body).status_code == status


def test_a_model_that_fails_is_as_it_is_described(port: int) -> None:
    document = Document(f"http://127.0.0.1:{port}")
    assert document.ask("POST", "/predict", json={**ROW, "age": 13.13}).status_code == 500


def test_a_project_without_a_model_answers_as_it_is_described() -> None:
    with served(open_app(service(published=Published(None)))) as port:
        document = Document(f"http://127.0.0.1:{port}")
        assert document.ask("POST", "/predict", json=ROW).status_code == 503
        for path in ("/health", "/health/ready", "/model/info"):
            assert document.ask("GET", path).status_code == 503


def test_a_private_server_says_that_others_are_refused(private_port: int) -> None:
    document = Document(f"http://127.0.0.1:{private_port}")
    assert_complete(document)
    assert all("403" in operation["responses"] for _, _, operation in document.operations())
    for method, path, _ in document.operations():
        assert document.ask(method.upper(), path, headers={"Host": "evil.com"}).status_code == 403


def test_several_projects_answer_as_it_is_described() -> None:
    with served(open_app(service(project("clinic")), service(project("ward-b")))) as port:
        document = Document(f"http://127.0.0.1:{port}")
        assert_complete(document)
        paths = list(document.document["paths"])
        assert paths[:2] == ["/models/clinic/predict", "/models/ward-b/predict"]
        for path in ("/", "/health", "/health/live", "/health/ready"):
            document.ask("GET", path)
        for name in ("clinic", "ward-b"):
            answered = document.ask("POST", f"/models/{name}/predict", json=ROW)
            assert_history(document, answered.headers["vaticina-prediction"], f"/models/{name}")


def test_a_literal_root_is_described_as_it_is_answered() -> None:
    about = project(more='\n[root]\nmensaje = "hola"\nversion = 1\n')
    with served(open_app(service(about))) as port:
        document = Document(f"http://127.0.0.1:{port}")
        assert document.ask("GET", "/").json() == {"mensaje": "hola", "version": 1}
        schema = document.document["paths"]["/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert schema["properties"] == {"mensaje": {"const": "hola"}, "version": {"const": 1}}


def test_a_problem_is_as_it_is_described(port: int, document: Schema) -> None:
    described = document["components"]["schemas"]["Problem"]["properties"]
    found = predict(port, {**ROW, "age": 151}).json()
    assert found.keys() <= described.keys()
    assert found["errors"][0].keys() <= described["errors"]["items"]["properties"].keys()


def test_an_optional_category_may_be_null() -> None:
    text = '[project]\nname = "toy"\n[inputs.x]\n[inputs.c]\ntype = "category"\ncategories = ["a"]\noptional = true\n'
    with served(open_app(service(parse_project(text, Path("project.toml")), Published(None)))) as port:
        schema = ask(port, "GET", "/openapi.json").json()["components"]["schemas"]["ToyRow"]["properties"]["c"]
        assert (schema["type"], schema["enum"]) == (["string", "null"], ["a", None])


def test_projects_whose_names_look_alike_keep_their_own_schemas() -> None:
    names = ("a-b", "ab", "a_b")
    with served(open_app(*(service(project(name)) for name in names))) as port:
        document = ask(port, "GET", "/openapi.json").json()
        references = {
            orjson.dumps(document["paths"][f"/models/{name}/predict"]["post"]["requestBody"]) for name in names
        }
        assert len(references) == 3
        ids = [operation["operationId"] for _, _, operation in operations(document)]
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(("language", "text"), [("en", "Try the API"), ("es", "Probar la API")])
def test_a_browser_gets_a_page_at_the_root(port: int, language: str, text: str) -> None:
    heard = ask(port, "GET", "/", None, ("Accept", "text/html,*/*;q=0.8"), ("Accept-Language", language))
    assert heard.headers["content-type"].startswith("text/html")
    page = heard.body.decode()
    assert f'<a href="docs">{text}</a>' in page
    assert "&quot;project&quot;: &quot;clinic&quot;" in page
    assert ask(port, "GET", "/").headers["content-type"] == "application/json"
    assert ask(port, "GET", "/").headers["vary"] == heard.headers["vary"] == "Accept"


def test_the_page_of_one_of_several_projects_links_to_the_documentation() -> None:
    about = project("clinic", more='\n[root]\nmensaje = "<b>hola</b>"\n')
    with served(open_app(service(about), service(project("ward-b")))) as port:
        for path, link in (("/models/clinic", "../docs"), ("/models/clinic/", "../../docs"), ("/", "docs")):
            page = ask(port, "GET", path, None, ("Accept", "text/html")).body.decode()
            assert f'<a href="{link}">' in page
            assert "<b>" not in page


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_the_pages_for_people_are_there(port: int, path: str) -> None:
    heard = ask(port, "GET", path)
    assert heard.status == 200
    assert heard.headers["content-type"].startswith("text/html")
    page = heard.body.decode()
    assert "openapi.json" in page
    assert "//" not in page.replace("<!-- ", ""), "nothing is fetched from elsewhere"
    files = re.findall(r'(?:src|href)="(docs/assets/[^"]+)"', page)
    assert len(files) >= 2
    assert all(ask(port, "GET", f"/{file}").status == 200 for file in files)


def test_only_the_pages_files_are_given_away(port: int) -> None:
    assert ask(port, "GET", "/docs/assets/core.py").status == 404
    assert ask(port, "GET", "/docs/assets/..%2Fcore.py").status == 404
