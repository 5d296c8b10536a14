"""The texts of a table's column: how often each stands there, and where first."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from vaticina.tables.cell_values import Cell

ALWAYS_MISSING = frozenset(
    {
        *("-", "--", "---", "–", "—", "n/a", "n.a.", "n/d", "n.d.", "s/d", "s.d.", "k.a.", "k. a.", "sin dato"),
        *("sin datos", "no data", "<na>", "nat", "(null)", "<null>", "\\n", "#n/a", "#n/a n/a", "#n/d", "#nv"),
        *("#ref!", "#¡ref!", "#value!", "#¡valor!", "#wert!", "#div/0!", "#¡div/0!", "#num!", "#¡num!", "#name?"),
        "#¿nombre?",
    }
)
"""Texts, in lower case, by which people and programs say that there is no value: dashes, and the errors of Excel."""

MISSING_AMONG_NUMBERS = frozenset({"none", "nd", "sd", "na", "null", ".", "..", "...", "*", "nil", "desconocido"})
"""Texts, in lower case, that mean so among numbers and dates; elsewhere they may be words of their own."""


FEW_TEXTS = 20
ROWS_PER_TEXT = 5
"""Up to 20 different texts are categories however few the rows; more need five rows each on average."""


@dataclass(frozen=True, slots=True)
class ColumnTexts:
    """The texts of the column ``name`` by how many cells hold them, without those that are ``missing``.

    ``size`` is the number of cells, with and without a value.
    """

    name: str
    counts: Counter[str]
    size: int
    missing: frozenset[str] = frozenset()

    @classmethod
    def of(cls, name: str, cells: Sequence[Cell], missing: Collection[str] = ()) -> "ColumnTexts":
        """The texts of ``cells``, without those that are ``missing``.

        Marks of missing values are left out too, unless hardly another text is left.
        """
        counts = Counter(cell for cell in cells if cell is not None)
        column = cls(name, counts, len(cells)).without(counts.keys() & set(missing))
        marks = frozenset(text for text in column.counts if text.casefold() in ALWAYS_MISSING)
        return column.without(marks) if len(column.counts) - len(marks) > 1 else column

    def without(self, texts: Collection[str]) -> "ColumnTexts":
        """The column in which ``texts`` mean that there is no value."""
        counts = Counter({text: count for text, count in self.counts.items() if text not in texts})
        return replace(self, counts=counts, missing=self.missing | frozenset(texts))

    @property
    def filled(self) -> int:
        """How many cells have a value."""
        return self.counts.total()

    @property
    def has_gaps(self) -> bool:
        """Whether a cell has no value."""
        return self.filled < self.size

    @property
    def are_few(self) -> bool:
        """Whether there are so few different texts, for so many cells, that they are categories."""
        different = len(self.counts)
        return different <= FEW_TEXTS or different * ROWS_PER_TEXT <= self.filled

    def cells_with(self, texts: Iterable[str]) -> int:
        """How many cells hold one of ``texts``."""
        return sum(self.counts[text] for text in texts)

    def typical(self) -> str:
        """The most frequent text."""
        return self.counts.most_common(1)[0][0]
