"""The delimiter of a CSV file, judged by its header."""

from pathlib import Path

import pytest

from vaticina.tables.dialect import Dialect, detect_delimiter, detect_dialect


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("a,b;c,d", ","),
        ("a;b", ";"),
        ("a\tb", "\t"),
        ("a|b", "|"),
        ("alone", ","),
        ("", ","),
        ('"Name, full";"Price, net"', ";"),
        ('Name;"Price, net, in euros"', ";"),
        ('"a;b;c;d",e', ","),
        ('"a|b"', ","),
        ('"say ""a;b;c""",d', ","),
        ('"two\nlines; with; more"\tb', "\t"),
        ('height 5" x,b', ","),
        ("\r\n\na;b\nc,d,e,f", ";"),
        ('"never closed;a,b,c\n', ","),
    ],
)
def test_delimiters_inside_quoted_names_do_not_count(header: str, delimiter: str) -> None:
    assert detect_delimiter(f"{header}\n1,2,3,4,5,6\n") == delimiter


def test_a_byte_order_mark_does_not_hide_a_quoted_name(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes('\ufeff"a,b,c";d\n1;2\n'.encode())
    assert detect_dialect(path) == Dialect(";")
