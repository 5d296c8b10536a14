"""The architecture, as programs: each rule is a function from the source to what breaks it."""

import ast
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from tests.architecture.rulebook import (
    LAYERS,
    LAZY,
    LIBRARIES,
    LONG_FILE,
    LONG_FUNCTION,
    ONLY,
    PACKAGE,
    VAGUE,
    VAGUE_SUFFIXES,
)
from tests.architecture.source import Exemption, Finding, Import, Module, Source

Rule = Callable[[Source], Iterator[Finding]]

RANKS = {part: rank for rank, parts in enumerate(LAYERS) for part in parts}


def layer(source: Source) -> Iterator[Finding]:
    """Imports go down, never up and never sideways."""
    for module in source.modules.values():
        if module.part and module.part not in RANKS:
            yield Finding("layer", module.path, 1, f"{module.part} has no place in the layers of rulebook.py")
            continue
        for item in _own(module):
            reason = _uphill(module.part, _part(item.target))
            if reason:
                yield Finding("layer", module.path, item.line, f"{module.name} imports {item.target}: {reason}")


def cycle(source: Source) -> Iterator[Finding]:
    """No module needs itself, however many steps away."""
    edges = {name: _neighbours(source, module) for name, module in source.modules.items()}
    for name, neighbours in edges.items():
        for target, line in neighbours.items():
            if name in _reachable(edges, target):
                yield Finding("cycle", source.modules[name].path, line, f"{target} leads back to {name}")


def lazy_import(source: Source) -> Iterator[Finding]:
    """Our own modules are imported at the top of a file, where the order can be seen; ``LAZY`` names the exceptions."""
    for module in source.modules.values():
        if any(PurePosixPath(module.path).match(pattern) for pattern in LAZY):
            continue
        for item in _own(module):
            if item.lazy:
                yield Finding("lazy-import", module.path, item.line, f"{item.target} is imported inside a function")


def library(source: Source) -> Iterator[Finding]:
    """A library is known only where the table says; so is the environment."""
    for module in source.modules.values():
        for name, line in sorted({(name, line) for used, line in _used(module) for name in _listed(used)}):
            places = LIBRARIES[name]
            if not _allowed(module, places):
                where = ", ".join(places) or "nowhere"
                yield Finding("library", module.path, line, f"{name} may be used in: {where}")


def vague_name(source: Source) -> Iterator[Finding]:
    """Names say what a thing is."""
    for module in source.modules.values():
        for name in VAGUE & set(PurePosixPath(module.path).with_suffix("").parts):
            yield Finding("vague-name", module.path, 1, f"a module called {name} attracts everything")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and _is_vague(node.name):
                yield Finding("vague-name", module.path, node.lineno, f"the class name {node.name} says nothing")


def no_assert(source: Source) -> Iterator[Finding]:
    """Checks are errors of the tree; ``assert`` disappears under -O."""
    for module in source.modules.values():
        if module.path.rpartition("/")[2].startswith("test_"):
            continue  # a test that an example brings along
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Assert):
                yield Finding("no-assert", module.path, node.lineno, "raise an error of vaticina.errors instead")


def no_print(source: Source) -> Iterator[Finding]:
    """The library does not print; the command line does, through rich. Scripts of examples may."""
    for module in source.modules.values():
        if module.part == "examples" or any(item.target == "rich.print" for item in module.imports):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                yield Finding("no-print", module.path, node.lineno, "log it, return it, or print it with rich in cli/")


def long_file(source: Source) -> Iterator[Finding]:
    """A file that fits one noun fits few screens."""
    for module in source.modules.values():
        lines = len(module.text.splitlines())
        if lines > LONG_FILE:
            yield Finding("long-file", module.path, 1, f"{lines} lines, more than {LONG_FILE}")


def long_function(source: Source) -> Iterator[Finding]:
    """A function fits one screen."""
    for module in source.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONG_FUNCTION:
                    text = f"{node.name} has {lines} lines, more than {LONG_FUNCTION}"
                    yield Finding("long-function", module.path, node.lineno, text)


RULES: dict[str, Rule] = {
    "layer": layer,
    "cycle": cycle,
    "lazy-import": lazy_import,
    "library": library,
    "vague-name": vague_name,
    "no-assert": no_assert,
    "no-print": no_print,
    "long-file": long_file,
    "long-function": long_function,
}


def broken(source: Source) -> list[Finding]:
    """Every finding that no exemption excuses, and every exemption without a reason, a rule or a use."""
    findings = [finding for rule in RULES.values() for finding in rule(source)]
    exemptions = [exemption for module in source.modules.values() for exemption in module.exemptions]
    unexcused = [f for f in findings if not any(_excuses(exemption, f) for exemption in exemptions)]
    return unexcused + [Finding("mark", e.path, e.line, fault) for e in exemptions if (fault := _fault(e, findings))]


def _fault(exemption: Exemption, findings: list[Finding]) -> str | None:
    if exemption.rule not in RULES:
        return f"no rule is called {exemption.rule!r}"
    if exemption.reason is None:
        return "an exemption needs a reason: '# architecture: RULE -- REASON'"
    if not any(_excuses(exemption, finding) for finding in findings):
        return f"nothing here breaks the rule {exemption.rule}; remove the comment"
    return None


def _excuses(exemption: Exemption, finding: Finding) -> bool:
    same = exemption.rule == finding.rule and exemption.path == finding.path
    return same and finding.line - exemption.line in (0, 1)


def _own(module: Module) -> Iterator[Import]:
    return (item for item in module.imports if _within(item.target, PACKAGE))


def _part(target: str) -> str:
    first = target.partition(".")[2].partition(".")[0]
    return first if first in RANKS else ""  # a name of the package itself, like __version__


def _uphill(part: str, target: str) -> str | None:
    if part == target or not target:
        return None
    if not part:
        return "the package's own __init__ stands below everything"
    if part in ONLY and target not in ONLY[part]:
        return f"{part} may import only {', '.join(sorted(ONLY[part]))}"
    if RANKS[target] == RANKS[part]:
        return f"{target} is a neighbour of {part}"
    return f"{target} stands above {part}" if RANKS[target] > RANKS[part] else None


def _neighbours(source: Source, module: Module) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in _own(module):
        target = source.module_of(item.target)
        if target:
            found.setdefault(target.name, item.line)
    return found


def _reachable(edges: dict[str, dict[str, int]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(edges.get(name, {}))
    return seen


def _used(module: Module) -> Iterator[tuple[str, int]]:
    """What a module imports, and those names of the table that it reads (``os.environ``)."""
    for item in module.imports:
        yield item.target, item.line
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = f"{node.value.id}.{node.attr}"
            if name in LIBRARIES:
                yield name, node.lineno


def _listed(used: str) -> Iterator[str]:
    return (name for name in LIBRARIES if _within(used, name))


def _within(target: str, name: str) -> bool:
    return target == name or target.startswith(f"{name}.")


def _allowed(module: Module, places: tuple[str, ...]) -> bool:
    return any(module.path == place or module.path.startswith(f"{place}/") for place in places)


def _is_vague(name: str) -> bool:
    return name.endswith(VAGUE_SUFFIXES) or (name.startswith("Base") and name[4:5].isupper())
