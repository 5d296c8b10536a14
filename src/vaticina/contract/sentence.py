"""A sentence to people: English text that can be said in the other languages of the catalogue too."""

from typing import Any

from vaticina.contract.messages import SENTENCES, Language


class Sentence(str):
    """The sentence ``key`` of the catalogue in English; ``facts`` (texts and numbers) stand in its places."""

    key: str
    facts: dict[str, Any]

    def __new__(cls, key: str, **facts: Any) -> "Sentence":
        """The sentence ``key`` with its facts."""
        sentence = super().__new__(cls, SENTENCES[key]["en"].format(**facts))
        sentence.key = key
        sentence.facts = facts
        return sentence

    def in_language(self, language: Language) -> str:
        """The same in ``language``."""
        return SENTENCES[self.key][language].format(**self.facts)
