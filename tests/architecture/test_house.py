"""The page of the tree tells the truth: each path is there, each folder has its line, in the order of the layers."""

import re
from pathlib import Path

from tests.architecture.rulebook import LAYERS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "house.md").read_text(encoding="utf-8")
FOLDERS = re.findall(r"^\| (`[^|]+`) \|", PAGE.partition("## The folders")[2].partition("## Before")[0], re.MULTILINE)
NAMED = [name for cell in FOLDERS for name in re.findall(r"`([\w.]+)/?`", cell) if name != "src"]


def test_every_path_is_there() -> None:
    paths = re.findall(r"`((?:src|tests|benchmarks|docs)/[^`]+)`", PAGE)
    assert len(paths) > 15
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert missing == []


def test_every_part_of_the_package_has_a_line() -> None:
    package = ROOT / "src" / "vaticina"
    parts = {path.name for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    parts |= {"examples"}
    assert set(NAMED) == parts - {"__init__.py", "__main__.py"}


def test_the_folders_stand_in_the_order_of_the_layers() -> None:
    rank = {part: number for number, parts in enumerate(LAYERS) for part in parts}
    ranks = [rank[name.removesuffix(".py")] for name in NAMED]
    assert ranks == sorted(ranks)
