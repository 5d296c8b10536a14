from string import Formatter

import pytest

from vaticina.contract.messages import DETAILS, LANGUAGES, SENTENCES, TITLES, language_of
from vaticina.contract.sentence import Sentence


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("es", "es"),
        ("ES-pe", "es"),
        ("es-419", "es"),
        ("en", "en"),
        ("en-GB,es;q=0.9", "en"),
        ("en;q=0.8, es;q=0.9", "es"),
        ("es;q=0.5, en", "en"),
        ("es , en", "es"),
        ("en , es", "en"),
        ("es ;q=0.9, en ; q=0.5", "es"),
        ("fr, de;q=0.9, es;q=0.1", "es"),
        ("fr, de", "en"),
        ("*", "en"),
        ("est, eng", "en"),
        ("es;q=0", "en"),
        ("es;q=0, en;q=0", "en"),
        ("es;q=2, en", "en"),
        ("es;q=inf, en", "en"),
        ("es;q=nan, en;q=0.1", "en"),
        ("es;q=lots, en;q=0.1", "en"),
        (";;;,,,=", "en"),
        ("es;q=", "es"),
        ("en;q=1.0,es;q=1.0", "en"),
    ],
)
def test_the_language_wanted_most(header: str | None, language: str) -> None:
    assert language_of(header) == language


def test_a_hostile_header_is_only_a_header() -> None:
    assert language_of("x" * 100_000 + "," * 100_000) == "en"


@pytest.mark.parametrize("code", TITLES)
def test_titles_have_every_language(code: str) -> None:
    assert set(TITLES[code]) == set(LANGUAGES)
    assert all(TITLES[code].values())
    assert TITLES[code]["en"] != TITLES[code]["es"]


def test_a_caller_who_asks_for_no_language_of_ours_gets_the_default() -> None:
    assert [language_of(header, "es") for header in (None, "", "*", "fr", "es;q=0")] == ["es"] * 5
    assert language_of("en-GB, es;q=0.5", "es") == "en"


@pytest.mark.parametrize("code", TITLES)
def test_what_an_error_says_by_itself_is_translated(code: str) -> None:
    assert set(DETAILS[code]) == set(LANGUAGES) - {"en"}
    assert all(DETAILS[code].values())


@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_has_every_language_and_no_fact_that_english_lacks(key: str) -> None:
    assert set(SENTENCES[key]) == set(LANGUAGES)
    places = {
        language: {name for _, name, _, _ in Formatter().parse(text) if name}
        for language, text in SENTENCES[key].items()
    }
    facts = dict.fromkeys(places["en"] | places["es"], "x")
    sentence = Sentence(key, **facts)
    assert sentence == sentence.in_language("en")
    assert sentence.in_language("es") != sentence
    assert places["es"] - places["en"] <= {"bound", "line", "column"}  # English tells them in the reason


def test_a_sentence_is_its_english_text() -> None:
    sentence = Sentence("no_numbers", collection="{odd}", parameter="it's")
    assert str(sentence) == """{odd} holds no numbers called "it's"."""
    assert sentence.in_language("es") == """{odd} no tiene números llamados "it's"."""
