"""The source as rules see it: parsed modules, what they import, and the exceptions they ask for."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests.architecture.rulebook import PACKAGE

MARK = re.compile(r"#\s*architecture:\s*(?P<rule>[a-z-]*)\s*(?:--\s*(?P<reason>\S.*)?)?$")


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken at a place."""

    rule: str
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


@dataclass(frozen=True, slots=True)
class Exemption:
    """A comment ``# architecture: RULE -- REASON``, on the line it excuses or on the one above."""

    rule: str
    path: str
    line: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Import:
    """``target`` is a dotted name: a module of ours, or a name that some module holds."""

    target: str
    line: int
    lazy: bool
    """Whether it stands inside a function."""


@dataclass(frozen=True)
class Module:
    """One file of the package."""

    name: str
    path: str
    """Relative to the package, with slashes."""
    text: str
    is_package: bool = field(default=False)

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def part(self) -> str:
        """Its place in the layers: the first name below the package; empty for the package's own ``__init__``."""
        return self.name.partition(".")[2].partition(".")[0]

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(self._imports(self.tree, lazy=False))

    @cached_property
    def exemptions(self) -> tuple[Exemption, ...]:
        found = ((line, MARK.search(text)) for line, text in enumerate(self.text.splitlines(), start=1))
        return tuple(Exemption(m["rule"], self.path, line, m["reason"]) for line, m in found if m)

    def _imports(self, node: ast.AST, lazy: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from (Import(alias.name, child.lineno, lazy) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                source = self._source(child)
                yield from (Import(f"{source}.{alias.name}", child.lineno, lazy) for alias in child.names)
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from self._imports(child, lazy or inside)

    def _source(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parents = self.name.split(".")
        kept = parents[: len(parents) - node.level + self.is_package]
        return ".".join([*kept, *([node.module] if node.module else [])])


@dataclass(frozen=True)
class Source:
    """All modules of the package, by dotted name."""

    modules: dict[str, Module]

    def module_of(self, target: str) -> Module | None:
        """The module of ours that importing ``target`` loads: itself, or the one that holds the name."""
        return self.modules.get(target) or self.modules.get(target.rpartition(".")[0])


def read_source(package: Path) -> Source:
    """The modules below the folder ``package``."""
    files = sorted(package.rglob("*.py"))
    return Source({module.name: module for module in (_read(package, file) for file in files)})


def _read(package: Path, file: Path) -> Module:
    path = file.relative_to(package)
    is_package = path.name == "__init__.py"
    names = (path.parent if is_package else path.with_suffix("")).parts
    return Module(".".join((PACKAGE, *names)), path.as_posix(), file.read_text(encoding="utf-8"), is_package)
