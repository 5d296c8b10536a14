"""Each rule catches what it is there for, on a small package written for it."""

from pathlib import Path

import pytest

from tests.architecture.rulebook import LIBRARIES, LONG_FILE, LONG_FUNCTION
from tests.architecture.rules import RULES, broken
from tests.architecture.source import Finding, read_source


def findings(folder: Path, files: dict[str, str]) -> list[Finding]:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return broken(read_source(folder))


VIOLATIONS: dict[str, tuple[str, dict[str, str]]] = {
    "upward": ("layer", {"contract/row.py": "from vaticina.serving.slot import Slot"}),
    "upward, plain import": ("layer", {"history/rows.py": "import vaticina.serving.slot"}),
    "upward, relative": ("layer", {"history/rows.py": "from ..serving import slot"}),
    "sideways": ("layer", {"history/rows.py": "from vaticina.registry import Registry"}),
    "sideways for types alone": (
        "layer",
        {"tasks/fit.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import vaticina.serving.slot"},
    ),
    "errors above contract": ("layer", {"errors.py": "from vaticina.contract import Contract"}),
    "client into the server": ("layer", {"client/sync.py": "from vaticina.registry import Registry"}),
    "part without a layer": ("layer", {"plumbing/pipe.py": ""}),
    "package init imports": ("layer", {"__init__.py": "from vaticina.contract import Contract"}),
    "cycle of two": (
        "cycle",
        {
            "serving/slot.py": "from vaticina.serving.batch import Batch",
            "serving/batch.py": "from vaticina.serving.slot import Slot",
        },
    ),
    "cycle of three, through a package": (
        "cycle",
        {
            "serving/__init__.py": "from vaticina.serving.engine import Engine",
            "serving/engine.py": "from vaticina.serving.slot import Slot",
            "serving/slot.py": "from vaticina.serving import Engine",
        },
    ),
    "own lazy import": ("lazy-import", {"serving/slot.py": "def load():\n    from vaticina.contract import Bundle\n"}),
    "own lazy import in async method": (
        "lazy-import",
        {"serving/slot.py": "class Slot:\n    async def load(self):\n        import vaticina.contract\n"},
    ),
    "os.environ": ("library", {"serving/slot.py": "import os\nHOME = os.environ['HOME']"}),
    "os.getenv": ("library", {"contract/row.py": "import os\nHOME = os.getenv('HOME')"}),
    "from os import environ": ("library", {"history/rows.py": "from os import environ"}),
    "dotenv": ("library", {"bootstrap.py": "import dotenv"}),
    "sklearn in serving": ("library", {"serving/slot.py": "from sklearn.ensemble import RandomForestClassifier"}),
    "pandas, lazily": ("library", {"api/app.py": "def rows():\n    import pandas as pd\n    return pd"}),
    "typer outside the command line": ("library", {"bootstrap.py": "import typer"}),
    "alembic beside its file": ("library", {"history/rows.py": "import alembic.command"}),
    "dynamic import": ("library", {"tasks/fit.py": "import importlib\nx = importlib.import_module('x')"}),
    "pickle in the registry": ("library", {"registry/versions.py": "import pickle"}),
    "utils": ("vague-name", {"history/utils.py": ""}),
    "helpers package": ("vague-name", {"history/helpers/__init__.py": ""}),
    "Manager": ("vague-name", {"history/rows.py": "class RowManager:\n    pass"}),
    "BaseRow": ("vague-name", {"history/rows.py": "class BaseRow:\n    pass"}),
    "assert": ("no-assert", {"contract/row.py": "def row(x):\n    assert x\n    return x"}),
    "print": ("no-print", {"cli/show.py": "print('hello')"}),
    "long file": ("long-file", {"contract/row.py": "x = 1\n" * (LONG_FILE + 1)}),
    "long function": ("long-function", {"contract/row.py": "def row():\n" + "    x = 1\n" * LONG_FUNCTION}),
}


@pytest.mark.parametrize(("rule", "files"), VIOLATIONS.values(), ids=VIOLATIONS.keys())
def test_a_violation_is_found(tmp_path: Path, rule: str, files: dict[str, str]) -> None:
    assert {finding.rule for finding in findings(tmp_path, files)} == {rule}


def test_every_rule_has_a_violation_that_shows_it() -> None:
    assert {rule for rule, _ in VIOLATIONS.values()} == RULES.keys()


ALLOWED: dict[str, dict[str, str]] = {
    "downward": {"serving/slot.py": "from vaticina.contract import Bundle\nfrom vaticina.errors import NotFound"},
    "within a part": {
        "serving/slot.py": "from vaticina.serving.batch import Batch",
        "serving/batch.py": "import numpy as np",
    },
    "package init over its modules": {
        "serving/__init__.py": "from vaticina.serving.slot import Slot\nfrom . import batch",
        "serving/slot.py": "from vaticina.serving import batch",
        "serving/batch.py": "",
    },
    "the version": {"cli/show.py": "from vaticina import __version__", "__init__.py": "__version__ = '1'"},
    "the environment in settings": {"settings.py": "import os\nHOME = os.environ['HOME']"},
    "a library in its folder": {"history/migrations/env.py": "from alembic import context"},
    "a library in its file": {"history/postgres.py": "import psycopg"},
    "a library imported late": {"datasets/fit.py": "def fit():\n    import pandas\n    return pandas"},
    "rich's print": {"cli/show.py": "from rich import print\nprint('hello')"},
    "an example's script": {"examples/medico/train.py": "print('hello')"},
    "an example's test": {"examples/medico/test_pipeline.py": "def test_it():\n    assert True"},
    "a file as long as may be": {"contract/row.py": "x = 1\n" * LONG_FILE},
    "a function as long as may be": {"contract/row.py": "def row():\n" + "    x = 1\n" * (LONG_FUNCTION - 1)},
    "a name that only begins like ours": {"errors.py": "import vaticina_plugin.serving"},
    "a name that only begins like a library": {"contract/row.py": "import richness\nimport rich_text"},
}


@pytest.mark.parametrize("files", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_is_allowed_is_not_found(tmp_path: Path, files: dict[str, str]) -> None:
    assert findings(tmp_path, files) == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle  # architecture: library -- read only after the audit",
        "# architecture: library -- read only after the audit\nimport pickle",
    ],
)
def test_an_exemption_with_a_reason_is_honoured(tmp_path: Path, text: str) -> None:
    assert findings(tmp_path, {"registry/versions.py": text}) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("import pickle  # architecture: library", "an exemption needs a reason"),
        ("import pickle  # architecture: library --", "an exemption needs a reason"),
        ("x = 1  # architecture: library -- it was once needed", "nothing here breaks the rule library"),
        ("x = 1  # architecture: librairy -- mistyped", "no rule is called 'librairy'"),
    ],
)
def test_an_exemption_without_reason_or_use_is_a_finding(tmp_path: Path, text: str, fault: str) -> None:
    found = findings(tmp_path, {"registry/versions.py": text})
    assert [finding.rule for finding in found] == ["mark"]
    assert fault in found[0].text


def test_an_exemption_excuses_its_own_rule_alone(tmp_path: Path) -> None:
    text = "import pickle  # architecture: cycle -- wrong rule"
    assert [finding.rule for finding in findings(tmp_path, {"registry/versions.py": text})] == ["library", "mark"]


def test_a_finding_names_file_line_and_rule(tmp_path: Path) -> None:
    found = findings(tmp_path, {"history/rows.py": "\nfrom vaticina.serving import Slot"})
    assert str(found[0]) == (
        "history/rows.py:2: layer: vaticina.history.rows imports vaticina.serving.Slot: serving stands above history"
    )


@pytest.mark.parametrize("name", LIBRARIES)
def test_every_library_of_the_table_is_kept_out_of_the_contract(tmp_path: Path, name: str) -> None:
    module, _, attribute = name.partition(".")
    text = f"from {module} import {attribute}" if attribute else f"import {module}"
    assert [finding.rule for finding in findings(tmp_path, {"contract/row.py": text})] == ["library"]
