"""The documentation against the code: links, keys, variables, routes, quantities, commands; the tutorial runs."""

import json
import re
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import tomlkit
import typer
from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

from tests.api.clinic import open_app, served
from tests.api.wire import ask
from tests.compat.terminal import ROOT, Served, Terminal, blocks, commands
from tests.test_requirements import missing
from vaticina.cli.verbs import VERBS, real
from vaticina.contract import fields, project
from vaticina.contract.contract import Model, Output, Quantity
from vaticina.errors import RequestError, VaticinaError
from vaticina.history.tables import HistoryTables
from vaticina.settings import PROJECTS, Settings

DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = [
    ROOT / "README.md",
    ROOT / "README.es.md",
    ROOT / "CHANGELOG.md",
    ROOT / "SECURITY.md",
    *sorted(DOCS.rglob("*.md")),
]
TUTORIALS = [DOCS / "tutorial.md", DOCS / "tutorial.es.md"]
PORT = 8000

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def sections(page: Path) -> dict[str, str]:
    """What stands under each heading, by the heading."""
    parts = re.split(r"^#+ (.+)$", text(page), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def tables(part: str) -> dict[str, list[str]]:
    """The rows of the tables in ``part``: the name in the first cell, and the cells behind it."""
    rows = re.findall(r"^\| `([^`]+)` \| (.*) \|$", part, re.MULTILINE)
    return {name: re.split(r" \| ", rest) for name, rest in rows}


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", text(page), flags=re.MULTILINE | re.DOTALL)
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)]*))?\)", prose):
        if target.startswith("http"):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), target
        if anchor:
            assert missing(f"{file.relative_to(ROOT)}#{anchor}") is None


def test_the_index_names_every_page() -> None:
    linked = {(DOCS / target).resolve() for target in re.findall(r"\]\(([^)#]+)\)", text(DOCS / "index.md"))}
    decisions = set((DOCS / "decisions").glob("*.md"))
    pages = {page for page in DOCS.rglob("*.md") if page not in decisions} - {DOCS / "index.md"}
    assert {page for page in pages if page not in linked and page.name != "compilation.md"} == set()


@every_page
def test_every_piece_of_toml_and_json_can_be_read(page: Path) -> None:
    for block in blocks(page, "toml"):
        tomllib.loads(block)
    for block in blocks(page, "json"):
        json.loads(block)


def default(info: FieldInfo) -> str:
    """A default as the reference writes it."""
    if info.is_required():
        return "required"
    value = info.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or value == {}:
        return "`{}`"
    return "none" if value is None else f"`{json.dumps(value)}`"


def keys(model: type[BaseModel], without: frozenset[str] = frozenset()) -> dict[str, str]:
    named = {info.alias or name: info for name, info in model.model_fields.items()}
    return {name: default(info) for name, info in named.items() if name not in without}


COMMON = frozenset({"type", "default", "example", *fields.Input.model_fields})


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Top level", keys(project.Project, frozenset({"folder"}))),
        ("project", keys(project.About)),
        ("contract", keys(project.ContractRules)),
        ("data", keys(project.Data)),
        ("inputs", {**keys(fields.Input), "type": '`"number"`', "default": "none", "example": "none"}),
        ("number", keys(fields.Number, COMMON)),
        ("integer", keys(fields.Integer, COMMON)),
        ("category", keys(fields.Category, COMMON)),
        ("flag", keys(fields.Flag, COMMON)),
        ("identifier", keys(fields.Identifier, COMMON)),
        ("instant", keys(fields.Instant, COMMON)),
        ("model", keys(Model)),
        ("outputs", keys(Output)),
        ("history", keys(project.HistorySection)),
        ("view", keys(project.View)),
        ("gate", keys(project.Gate)),
        ("import", keys(project.Imports)),
        ("security", keys(project.Security)),
        ("serving", keys(project.Serving)),
        ("cache", keys(project.Cache)),
    ],
)
def test_every_key_of_the_project_file_is_documented_with_its_default(heading: str, expected: dict[str, str]) -> None:
    found = tables(sections(REFERENCE / "project-toml.md")[heading])
    assert {name: cells[0] for name, cells in found.items()} == expected


def test_every_table_of_the_project_file_has_its_section() -> None:
    headings = sections(REFERENCE / "project-toml.md").keys()
    known = project.Project.model_fields.items()
    whole = {info.alias or name for name, info in known if name not in ("format", "folder", "root")}
    assert whole <= headings


def test_every_variable_is_documented() -> None:
    named = {PROJECTS}
    for name, info in Settings.model_fields.items():
        alias = info.validation_alias or name
        named |= {str(one).upper() for one in (alias.choices if isinstance(alias, AliasChoices) else [alias])}
    found = tables(text(REFERENCE / "environment.md"))
    assert found.keys() == named
    assert found["LOG_LEVEL"][0] == f"`{Settings.model_fields['log_level'].default}`"


def test_every_quantity_is_documented() -> None:
    assert tables(text(REFERENCE / "outputs.md")).keys() == set(get_args(Quantity))


def test_every_route_is_documented() -> None:
    with served(open_app()) as port:
        document = ask(port, "GET", "/openapi.json").json()
        routes = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
        pages = {"/docs", "/redoc", "/openapi.json"}
        assert all(ask(port, "GET", page).status == 200 for page in pages)
    found = tables(sections(REFERENCE / "http-api.md")["Routes"])
    assert found.keys() == routes | {f"GET {page}" for page in pages}


def test_every_parameter_of_the_history_is_documented() -> None:
    with served(open_app()) as port:
        operation = ask(port, "GET", "/openapi.json").json()["paths"]["/predictions"]["get"]
    found = tables(sections(REFERENCE / "http-api.md")["The history"])
    assert found.keys() == {parameter["name"] for parameter in operation["parameters"]}


def test_every_status_of_a_refusal_is_documented() -> None:
    def tree(error: type[VaticinaError]) -> Iterator[type[VaticinaError]]:
        yield error
        for child in error.__subclasses__():
            yield from tree(child)

    statuses = {error.status for error in tree(RequestError)} | {500, 503, 504}
    rows = re.findall(r"^\| (\d{3}) \|", sections(REFERENCE / "http-api.md")["Refusals"], re.MULTILINE)
    assert list(map(int, rows)) == sorted(statuses)


def test_every_table_of_the_history_is_documented() -> None:
    page = sections(REFERENCE / "files.md")["The history"]
    named = set(re.findall(r"`(\w+)`", page))
    assert HistoryTables.metadata.tables.keys() <= named
    (columns,) = (cells for name, cells in tables(page).items() if name == "predictions")
    assert set(re.findall(r"`(\w+)`", columns[0])) <= set(HistoryTables.metadata.tables["predictions"].columns.keys())


@every_page
def test_every_command_exists_with_its_options(page: Path) -> None:
    for line in [*commands(page), *commands(page, "console")]:
        words = line.split("#")[0].split()
        if words[0] != "vaticina":
            continue
        assert words[1] in VERBS, line
        command: Any = real(words[1])
        if hasattr(command, "commands"):
            command = command.commands[words[2]]
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= options | {"--help"}, line
        assert isinstance(command, typer.core.TyperCommand)


def test_both_tutorials_show_the_same_code() -> None:
    for language in ("sh", "toml", "python", "console", "text", "json"):
        assert blocks(TUTORIALS[0], language) == blocks(TUTORIALS[1], language) != []


def printed(page: Path) -> list[str]:
    """What a page shows below each of its commands; nothing below a command that prints nothing."""
    pattern = r"^```sh\n.*?\n```$(?:\n\n```(?:text|json)\n(.*?)^```$)?"
    return re.findall(pattern, text(page), re.MULTILINE | re.DOTALL)


def words(output: str) -> list[str]:
    """The words of what a command printed, with the same word for every number, version, id and time."""
    output = re.sub(r"\S+Z-[0-9a-f]{8}", "VERSION", output)
    output = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID", output)
    return re.sub(r"\d[\d.:-]*", "NUMBER", output).split()


def assert_alike(shown: Any, answered: Any, name: str = "") -> None:
    """Asserts that ``answered`` is ``shown``, but for the moment and what names it, and with some room for numbers."""
    if isinstance(shown, dict):
        assert list(shown) == list(answered)
        for key, value in shown.items():
            assert_alike(value, answered[key], key)
    elif isinstance(shown, list):
        for one, other in zip(shown, answered, strict=True):
            assert_alike(one, other)
    elif isinstance(shown, float):
        assert answered == pytest.approx(shown, rel=0.1)
    elif name not in ("time", "request_id"):
        assert answered == shown


@pytest.mark.slow
def test_the_tutorial_works_word_for_word(tmp_path: Path) -> None:
    """Its commands, in their order; and below each stands what it prints."""
    (script,), (declared,) = blocks(TUTORIALS[0], "python"), blocks(TUTORIALS[0], "toml")
    (tmp_path / "flats.py").write_text(script, encoding="utf-8")
    terminal = Terminal(tmp_path)
    lines, shown = commands(TUTORIALS[0]), dict(enumerate(printed(TUTORIALS[0])))
    assert len(lines) == len(shown) == 14
    for place in (0, 1, 2):
        assert words(terminal.run(lines[place])) == words(shown[place])
    learnt = tomllib.loads(text(tmp_path / "flats" / "project.toml"))["inputs"]
    types = {"flat": "identifier", "rooms": "integer", "metres": "number", "district": "category", "balcony": "flag"}
    assert {name: field["type"] for name, field in learnt.items()} == types
    with terminal.serving(f"PORT={PORT} {lines[3]}", PORT) as server:

        def here(place: int) -> str:
            return terminal.run(lines[place].replace(str(PORT), str(server.port)))

        assert words(server.log) == words(shown[3])
        for place in (4, 5, 6, 7):
            assert_alike(json.loads(shown[place]), json.loads(here(place)))
        assert words(here(8)) == words(shown[8])
        first = version(server)
        assert "prediction" in json.loads(here(11))
        declare(tmp_path / "flats" / "project.toml", declared)
        assert words(here(9)) == words(shown[9])
        second = follows(server, first)
        listed = here(10)
        assert words(listed) == words(shown[10])
        assert {first, second} <= set(re.findall(r"\S+Z-\w{8}", listed))
        assert_alike(json.loads(shown[11]), json.loads(here(11)))
        assert words(here(12)) == words(shown[12])
        assert words(here(13)) == words(shown[13])
        assert follows(server, second) == first
        assert "prediction" in json.loads(here(11))


def declare(file: Path, section: str) -> None:
    """Puts the table of the block in the place of the file's."""
    document = tomlkit.parse(text(file))
    document["inputs"]["rooms"] = tomlkit.parse(section)["inputs"]["rooms"]
    file.write_text(tomlkit.dumps(document), encoding="utf-8")


def version(server: Served) -> str:
    found: str = server.get("/health").json()["version"]
    return found


def follows(server: Served, before: str) -> str:
    """The version that takes over from ``before``."""
    end = time.monotonic() + 60
    while (now := version(server)) == before:
        assert time.monotonic() < end, "the server does not follow"
        time.sleep(0.1)
    return now
