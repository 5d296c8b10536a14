"""Words for yes and no in several languages."""

from collections.abc import Collection
from dataclasses import dataclass

WORDS = (
    ({"yes", "y"}, {"no", "n"}),
    ({"sí", "si"}, {"no"}),
    ({"sim"}, {"não", "nao"}),
    ({"oui"}, {"non"}),
    ({"ja", "j"}, {"nein", "n"}),
    ({"true", "t"}, {"false", "f"}),
    ({"verdadero", "v"}, {"falso", "f"}),
    ({"verdadeiro", "v"}, {"falso", "f"}),
    ({"vrai"}, {"faux"}),
    ({"wahr"}, {"falsch"}),
)
"""Words that mean yes, and those that mean no, in one language and in lower case. S and N are not among them: they are
points of the compass too."""


@dataclass(frozen=True, slots=True)
class FlagWords:
    """The words of a column for yes and for no, in lower case."""

    yes: frozenset[str]
    no: frozenset[str]

    @property
    def how(self) -> str:
        """The words, for people."""
        return f"{', '.join(sorted(self.yes))} / {', '.join(sorted(self.no))}"


def find_flag_words(texts: Collection[str]) -> FlagWords | None:
    """The words in ``texts``, when all of them are words of one language for yes and no, and both occur."""
    words = frozenset(map(str.casefold, texts))
    for yes, no in WORDS:
        if words <= yes | no and words & yes and words & no:
            return FlagWords(words & yes, words & no)
    return None
