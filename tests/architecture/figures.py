"""Figures of the source, as docs/explanation/house.md shows them: ``python -m tests.architecture.figures [FOLDER]``."""

import ast
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
CODE_IN_TEXT = re.compile(r"vaticina(\.\w+)+(:\w+)?")
VAGUE_LOCALS = frozenset({"found", "told", "one", "at", "known", "given", "kept", "wanted", "own", "made"})


@dataclass(frozen=True)
class Figures:
    """``lines`` are those that are not blank; ``repeated_classes`` are class names that stand in two files or more."""

    modules: int
    lines: int
    statements: int
    largest: tuple[int, str]
    comprehensions: int
    conditionals: int
    repeated_classes: int
    texts_that_name_code: int
    vague_locals: int

    def per_thousand(self, count: int) -> float:
        """``count`` for a thousand lines."""
        return 1_000 * count / self.lines


def measured(package: Path) -> Figures:
    """The figures of the modules below ``package``, without the bundled examples."""
    files = [file for file in sorted(package.rglob("*.py")) if "examples" not in file.parts]
    lines = statements = comprehensions = conditionals = texts = vague = 0
    classes: Counter[str] = Counter()
    sizes = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        sizes.append((len(text.splitlines()), file.relative_to(package).as_posix()))
        lines += sum(1 for line in text.splitlines() if line.strip())
        for node in ast.walk(ast.parse(text)):
            statements += isinstance(node, ast.stmt)
            comprehensions += isinstance(node, COMPREHENSIONS)
            conditionals += isinstance(node, ast.IfExp)
            vague += isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in VAGUE_LOCALS
            texts += isinstance(node, ast.Constant) and _names_code(node.value)
            if isinstance(node, ast.ClassDef):
                classes[node.name] += 1
    repeated = sum(1 for count in classes.values() if count > 1)
    return Figures(len(files), lines, statements, max(sizes), comprehensions, conditionals, repeated, texts, vague)


def _names_code(value: object) -> bool:
    return isinstance(value, str) and CODE_IN_TEXT.fullmatch(value) is not None


def rows(figures: Figures) -> list[tuple[str, str]]:
    """The table's rows: what is counted, and how many there are."""
    size, name = figures.largest
    return [
        ("modules", str(figures.modules)),
        ("lines that are not blank", f"{figures.lines:,}"),
        ("statements", f"{figures.statements:,}"),
        ("largest module", f"{name}, {size} lines"),
        ("comprehensions per 1,000 lines", f"{figures.per_thousand(figures.comprehensions):.1f}"),
        ("conditional expressions per 1,000 lines", f"{figures.per_thousand(figures.conditionals):.1f}"),
        ("class names that stand twice or more", str(figures.repeated_classes)),
        ("texts that name code", str(figures.texts_that_name_code)),
        ("locals called found, told, one, at …, per 1,000 lines", f"{figures.per_thousand(figures.vague_locals):.1f}"),
    ]


def main() -> None:
    """Prints the table for the package in FOLDER, by default this checkout's."""
    root = Path(__file__).parents[2]
    package = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "src" / "vaticina"
    for name, value in rows(measured(package)):
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
