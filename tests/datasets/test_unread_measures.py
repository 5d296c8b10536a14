"""A column in which a person sees numbers or dates is never read as text without a word."""

import pytest

from vaticina.datasets.column_texts import ColumnTexts
from vaticina.datasets.unread_measures import unread_measures


def look(texts: list[str]) -> str | None:
    return unread_measures(ColumnTexts.of("a", texts))


@pytest.mark.parametrize(
    ("texts", "what"),
    [
        (["Gs. 1.250.000", "Gs. 980", "Gs. 12.000"], "numbers with 'Gs.' beside them"),
        (["Q41,76", "Q1.373,08"], "numbers with 'Q' beside them"),
        (["41.76k", "3k"], "numbers with 'k' beside them"),
        (["8 por ciento", "12,5 por ciento"], "numbers with 'por ciento' beside them"),
        (["$(41.76)", "$(1,373.08)"], "numbers with '$( )' beside them"),
        (["'12,50", "'7,25"], 'numbers with "\'" beside them'),
        (["3 dormitorios", "2 dormitorios", "estudio"], "numbers with 'dormitorios' beside them"),
        (["82:17:41", "7:30:00"], "durations"),
        (["7h 42m", "1 h", "55 min"], "durations"),
        (["lunes, 20 de enero de 2023", "martes, 3 de mayo de 2023"], "dates"),
        (["Fri Jan 20 15:37:36 2023", "Sat Oct 07 20:32:43 2023"], "dates"),
        (["2023-01-20 15:37:36 UTC", "2023-02-20 15:37:36 UTC"], "dates"),
        (["-12.0416, -77.0892", "(-12.0755, -77.0290)"], "positions, which are two numbers"),
        (["12°46'47\"S", "9° 12' S"], "positions, which are two numbers"),
        ([f"{day}/{month}" for day in range(1, 29) for month in (3, 7)], "dates without a year, or fractions"),
    ],
)
def test_what_a_person_sees_is_said(texts: list[str], what: str) -> None:
    assert look(texts) == what


@pytest.mark.parametrize(
    "texts",
    [
        ["Lima", "Cusco"],
        ["F-123", "F-124"],
        ["N1A1", "N2A2"],
        ["PED.24616.2023", "PED.31792.2023"],
        ["10.0.87.64", "10.0.9.153"],
        ["46.344.672-1", "27.819.048-0"],
        ["12345678Z", "87654321X"],
        ["18-25", "26-40"],
        ["7/10", "3/10", "1/2"],
        ["Calle 23", "Calle 7"],
        ["2.0.4", "2.6.5"],
        ["entrega urgente, llamar antes de las 12:30 a la oficina del 2023", "sin novedad"],
        ["M4 2023", "M5 2022"],
        [],
    ],
)
def test_names_codes_and_sentences_are_none(texts: list[str]) -> None:
    assert look(texts) is None


def test_more_than_half_of_the_cells_must_look_so() -> None:
    assert look(["41k", "many", "few"]) is None
    assert look(["41k", "12k", "many"]) == "numbers with 'k' beside them"
