import pytest

from vaticina.contract.messages import LANGUAGES, TITLES, language_of


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
