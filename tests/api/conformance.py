"""Whether what a server answers is what its OpenAPI document says."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
from jsonschema import Draft202012Validator

Schema = dict[str, Any]


class Document:
    """The OpenAPI document of the server at ``url``; asks it, and compares each answer with what is described."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.document: Schema = httpx.get(f"{url}/openapi.json", timeout=60).json()

    def operations(self) -> Iterator[tuple[str, str, Schema]]:
        """Each operation: its method, path and description."""
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                yield method, path, operation

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """What the server answers, which must be as described."""
        response = httpx.request(method, self._url + path, timeout=300, **options)
        self.compare(method, path.partition("?")[0], response)
        return response

    def compare(self, method: str, path: str, response: httpx.Response) -> None:
        """Asserts that ``response``, the answer of ``path``, has a status, a type and a schema that is described."""
        described, status = self._operation(method, path)["responses"], str(response.status_code)
        assert status in described, f"{method} {path} answers {status}: {response.text}"
        content = described[status]["content"]
        assert response.headers["content-type"] in content
        self.validate(content[response.headers["content-type"]]["schema"], response.json())

    def validate(self, schema: Schema, value: object) -> None:
        """Asserts that ``value`` is what ``schema`` allows."""
        Draft202012Validator({**schema, "components": self.document["components"]}).validate(value)

    def _operation(self, method: str, path: str) -> Schema:
        exact = self.document["paths"].get(path, {})
        if method.lower() in exact:
            operation: Schema = exact[method.lower()]
            return operation
        for verb, template, described in self.operations():
            if verb == method.lower() and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
                return described
        raise AssertionError(f"{method} {path} is not described")


def assert_complete(document: Document) -> None:
    """Asserts what holds for every document: predictions come first, and each route says what it does and answers."""
    operations = list(document.operations())
    predicting = [path for _, path, operation in operations if operation["tags"] == ["predict"]]
    assert [path for _, path, _ in operations][: len(predicting)] == predicting != []
    assert document.document["tags"][0]["name"] == "predict"
    for method, path, operation in operations:
        assert re.fullmatch(r"[A-Z]\w+ .*\w\.", operation["summary"]), f"{method} {path}: no sentence"
        for status, response in operation["responses"].items():
            (kind, described), *more = response["content"].items()
            assert not more
            answers = status.startswith("2") or (status == "503" and operation["tags"] == ["health"])
            assert kind == ("application/json" if answers else "application/problem+json"), f"{method} {path} {status}"
            assert described["schema"], f"{method} {path} {status}: no schema"
            assert re.search(r"[\w`]\.$", response["description"]), f"{method} {path} {status}: no sentence"
    names = document.document["components"]["schemas"]
    assert all(re.fullmatch(r"[A-Z][\w-]*", name) for name in names)
    assert not names.keys() & {"HTTPValidationError", "ValidationError"}, "no route answers what FastAPI would"


def assert_history(document: Document, uid: str, prefix: str = "") -> None:
    """Asserts that the history's routes, those of health and the model's answer as described."""
    for path in ("/predictions?limit=2", "/predictions?limit=0", "/predictions/stats", f"/predictions/{uid}"):
        document.ask("GET", prefix + path)
    for path in ("/predictions/none", "/health", "/health/live", "/health/ready", "/model/info", "/"):
        document.ask("GET", prefix + path)
