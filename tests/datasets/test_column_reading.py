"""What columns are understood as, in the notations of people."""

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from vaticina.datasets.contract_inference import Inference, infer_contract
from vaticina.datasets.table_options import NO_OPTIONS, TableOptions
from vaticina.errors import DataError

ROWS = 60


def understood(
    folder: Path, columns: Mapping[str, Sequence[str]], delimiter: str = ";", stated: TableOptions = NO_OPTIONS
) -> Inference:
    """What is inferred of a table of these columns, beside a number ``b``, for predicting ``y``."""
    rows = len(next(iter(columns.values())))
    names = [*columns, "b", "y"]
    lines = [delimiter.join(names)]
    for row in range(rows):
        cells = [columns[name][row] for name in columns]
        lines.append(delimiter.join([*(f'"{cell}"' for cell in cells), str(row % 7), ("no", "yes")[row % 2]]))
    path = folder / "data.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return infer_contract(path, "sample", "y", stated)


def repeated(*texts: str) -> list[str]:
    return list(texts) * (ROWS // len(texts))


def various(write: Callable[[random.Random], str]) -> list[str]:
    source = random.Random(1)
    return [write(source) for _ in range(ROWS)]


@pytest.mark.parametrize(
    ("kind", "texts", "first"),
    [
        ("number", repeated("1.366,13", "12,5", "7", "-0,5"), 1366.13),
        ("number", repeated("12,50 €", "1.000,00 €"), 12.5),
        ("number", repeated("$1,108.88", "$12.50"), 1108.88),
        ("number", repeated("12 %", "7 %", "100 %"), 12),
        ("number", repeated("1 366,13", "12,00"), 1366.13),
        ("number", repeated("1'366.13", "12.00"), 1366.13),
        ("number", repeated("70 kg", "82 kg"), 70),
        ("number", repeated("$ 609.43 MXN", "$ 9.50 MXN"), 609.43),
        ("number", [*(f"{row}.5" for row in range(25)), *["None"] * 35], 0.5),
        ("identifier", [f"{row * 7919 % 997:03}{'a' if row else '4'}{row % 10}b" for row in range(ROWS)], None),
        ("number", repeated("12,5", "-", "#N/A", "8,5"), 12.5),
        ("number", repeated("1.4E-05", "2.5E-05", "3,1E-5"[:0] or "1E-3"), 1.4e-5),
        ("integer", repeated("85,592", "1,234,567"), 85592),
        ("integer", repeated("12", "none", "7", "n.d."), 12),
        ("flag", repeated("Sí", "No", "si", "NO", "SI"), True),
        ("flag", repeated("V", "F"), True),
        ("flag", repeated("nein", "Ja"), False),
        ("instant", repeated("31/12/2024", "08/11/2024"), "2024-12-31"),
        ("instant", repeated("12/31/24 1:05 PM", "08/11/24 12:00 AM"), "2024-12-31T13:05:00"),
        ("instant", repeated("31.12.2024", "01.02.2024"), "2024-12-31"),
        ("instant", repeated("20241231", "20240201"), "2024-12-31"),
        ("number", various(lambda source: f"{source.randint(0, 23)}:{source.randint(0, 59):02}"), None),
        ("category", repeated("+", "-"), "+"),
        ("category", repeated("N", "S"), "N"),
        ("category", repeated("none", "some"), "none"),
        ("category", repeated("08001", "28013", "91700"), "08001"),
        ("identifier", various(lambda source: f"6{source.randint(0, 99):02} {source.randint(100, 999)} 042"), None),
    ],
)  # fmt: skip
def test_a_column_is_typed_as_a_person_would(tmp_path: Path, kind: str, texts: list[str], first: object) -> None:
    inference = understood(tmp_path, {"a": texts})
    assert inference.project.inputs["a"].type == kind
    assert inference.dataset.size == len(texts)
    if isinstance(first, str) and kind == "instant":
        assert inference.dataset.rows[0]["a"].isoformat().startswith(first)
    elif first is not None:
        assert inference.dataset.rows[0]["a"] == first


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([*map(str, range(18, 76)), "abc", "50"], "'a': 1 cell is no number, the other 59 are"),
        ([*map(str, range(18, 76)), "35 años", "50"], "'a': 1 cell is no number, the other 59 are"),
        ([*(f"{day % 28 + 1:02}/03/2024" for day in range(59)), "31/02/2024"], "'a': 1 cell is no date"),
        (repeated("1.5", "1,5", "2.25", "2,5"), "numbers have a decimal point ('1.5') and some a decimal comma"),
        (repeated("$5", "€6"), "numbers in different units ($, €)"),
        (repeated("1,23,456", "12,34,567"), "it looks like numbers in a notation that is not understood"),
        ([*(f"{row}.5" for row in range(25)), *(f"about {row}" for row in range(35))], "but 35 of 60 cells"),
        (repeated("5 kg", "6 g"), "numbers in different units (g, kg)"),
        (repeated("5 %", "0.06"), "30 of 60 cells have no percent sign, such as '0.06'"),
        (repeated("70", "82", "-999"), "-999 stands in 20 cells, the other values are from 70 to 82"),
        (repeated("0", "3", "-1"), "-1 stands in 20 cells"),
        (repeated("1.234", "2.500"), "'1.234' is read as 1234, as semicolons stand between the cells"),
        (repeated("01/02/2024", "03/04/2024"), "'01/02/2024' is read day-first"),
        (repeated("0", "1", "2", "3+"), "it looks like numbers, but 15 of 60 cells are written otherwise"),
        ([*map(str, range(50)), *["desconocida"] * 10], "'desconocida' stands in 10 cells and is read as no value"),
        (repeated("Lima", "LIMA", "Cusco"), "'Lima', 'LIMA' differ only in case or accents"),
        (repeated("Cádiz", "Cadiz"), "'Cádiz', 'Cadiz' differ only in case or accents"),
    ],
)  # fmt: skip
def test_what_is_odd_is_said_with_the_column_and_the_line(tmp_path: Path, texts: list[str], message: str) -> None:
    inference = understood(tmp_path, {"a": texts})
    warnings = [warning for warning in inference.warnings if message in warning]
    assert len(warnings) == 1, inference.warnings
    assert warnings[0].startswith("'a': ")
    assert "(line " in warnings[0] or "different units" in warnings[0]


def test_the_line_of_a_mistake_is_that_of_the_file(tmp_path: Path) -> None:
    inference = understood(tmp_path, {"a": [*various(lambda source: str(source.randint(18, 50)))[:58], "abc", "50"]})
    assert any("'abc' (line 60)" in warning for warning in inference.warnings)
    assert inference.dataset.size == ROWS - 1


@pytest.mark.parametrize(("stated", "value"), [(TableOptions(decimal=","), 1234), (TableOptions(decimal="."), 1.234)])
def test_what_a_person_says_decides_and_needs_no_warning(tmp_path: Path, stated: TableOptions, value: float) -> None:
    inference = understood(tmp_path, {"a": repeated("1.234", "2.500")}, ";", stated)
    assert inference.dataset.rows[0]["a"] == value
    assert inference.warnings == ()


def test_a_text_that_a_person_calls_missing_is_no_value(tmp_path: Path) -> None:
    columns = {"a": repeated("70", "82", "-999"), "c": repeated("new", "old", "X")}
    inference = understood(tmp_path, columns, ";", TableOptions(missing=("-999", "X")))
    assert [row["a"] for row in inference.dataset.rows[:3]] == [70, 82, None]
    assert [row["c"] for row in inference.dataset.rows[:3]] == ["new", "old", None]
    assert inference.project.data.missing == ("-999", "X")
    assert inference.warnings == ()


def test_other_columns_decide_what_is_ambiguous(tmp_path: Path) -> None:
    columns = {"a": repeated("1.234", "2.500"), "c": repeated("01/02/2024", "03/04/2024")}
    comma = understood(
        tmp_path, {**columns, "d": repeated("1,5", "2,25"), "e": repeated("31/12/2024", "30/12/2024")}, ","
    )
    assert comma.dataset.rows[0]["a"] == 1234
    assert comma.dataset.rows[0]["c"].month == 2
    point = understood(
        tmp_path, {**columns, "d": repeated("1.5", "2.25"), "e": repeated("12/31/2024", "12/30/2024")}, ";"
    )
    assert point.dataset.rows[0]["a"] == 1.234
    assert point.dataset.rows[0]["c"].month == 1


def test_dates_of_which_nothing_shows_the_order_are_left_out_and_asked_for(tmp_path: Path) -> None:
    columns = {"a": repeated("01/02/2024", "03/04/2024", "11/12/2024")}
    inference = understood(tmp_path, columns, ",")
    assert "may have the day or the month first; say --dates day-first" in inference.left_out["a"]
    assert any(warning.startswith("'a': '01/02/2024' may have") for warning in inference.warnings)
    stated = understood(tmp_path, columns, ",", TableOptions(dates="month-first"))
    assert stated.dataset.rows[0]["a"].month == 1


def test_first_days_of_months_show_their_order(tmp_path: Path) -> None:
    months = [f"{month:02}/01/{year}" for year in range(2020, 2025) for month in range(1, 13)]
    inference = understood(tmp_path, {"a": months}, ",")
    assert {row["a"].day for row in inference.dataset.rows} == {1}
    assert any("every date is the first day of a month" in warning for warning in inference.warnings)


@pytest.mark.parametrize("name", ["ZIP Code", "DNI", "Teléfono"])
def test_digits_are_codes_where_the_name_says_so(tmp_path: Path, name: str) -> None:
    inference = understood(tmp_path, {name: [str(10_000_000 + 7_919 * row) for row in range(ROWS)]})
    assert inference.project.inputs[name].type == "identifier"
    assert any("codes, by the name of the column" in warning for warning in inference.warnings)


def test_long_whole_numbers_are_codes_because_a_double_does_not_hold_them(tmp_path: Path) -> None:
    inference = understood(tmp_path, {"card": [str(4_000_000_000_000_000 + row * 7_919) for row in range(ROWS)]})
    assert inference.project.inputs["card"].type == "identifier"


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (repeated("12,50", "3,75", "1.200,00", "8,10", "99,99", "7,25"), "number"),
        (repeated("12,50", "-", "3,75", "8,10"), "number"),
        (repeated("Sí", "No"), "classes"),
    ],
)
def test_the_target_is_read_in_its_notation_too(tmp_path: Path, cells: list[str], kind: str) -> None:
    path = tmp_path / "data.csv"
    lines = [f"{row % 11};{cell}" for row, cell in enumerate(cells)]
    path.write_text("\n".join(["a;y", *lines, ""]), encoding="utf-8")
    inference = infer_contract(path, "sample", "y")
    assert bool(inference.dataset.contract.classes) == (kind == "classes")
    assert inference.dataset.size == len(cells) - cells.count("-")
    assert inference.columns[-1].name == "y"


@pytest.mark.parametrize(("kind", "classes"), [("number", ()), ("classes", (1, 2, 3, 4, 5)), (None, (1, 2, 3, 4, 5))])
def test_the_kind_of_the_target_can_be_said(tmp_path: Path, kind: str | None, classes: tuple[int, ...]) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a;y\n" + "".join(f"{row % 7};{row % 5 + 1}\n" for row in range(ROWS)), encoding="utf-8")
    stated = TableOptions(target_kind="number" if kind == "number" else "classes" if kind == "classes" else None)
    inference = infer_contract(path, "sample", "y", stated)
    assert inference.dataset.contract.classes == classes
    assert inference.project.data.target_kind == kind


def test_a_target_that_is_nearly_a_number_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    cells = [f"{row},5" if row % 3 else f"about {row}" for row in range(ROWS)]
    path.write_text("a;y\n" + "".join(f"{row % 7};{cell}\n" for row, cell in enumerate(cells)), encoding="utf-8")
    with pytest.raises(
        DataError, match=r"too many for classes, and it is no number, as 20 cells such as 'about 0' are"
    ):
        infer_contract(path, "sample", "y")


def test_rows_without_a_target_do_not_decide_how_a_column_is_read(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    lines = [f"{row % 7};{('no', 'yes')[row % 2]}" for row in range(ROWS)]
    path.write_text("\n".join(["a;y", *lines, "total of the year;", ""]), encoding="utf-8")
    assert infer_contract(path, "sample", "y").project.inputs["a"].type == "integer"


def test_a_plain_table_needs_no_words(tmp_path: Path) -> None:
    inference = understood(tmp_path, {"a": repeated("1.5", "2.25"), "c": repeated("2024-01-31", "2024-02-01")}, ",")
    data = inference.project.data.model_dump(exclude_defaults=True)
    assert data.keys() == {"source", "target"}
    assert inference.warnings == ()
