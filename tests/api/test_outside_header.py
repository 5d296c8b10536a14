"""The names in ``Vaticina-Outside``: ASCII whatever the inputs are called, and never longer than a proxy takes."""

from urllib.parse import unquote

from vaticina.api.request import LONGEST_LIST, listed_names


def test_plain_names_stand_as_they_are() -> None:
    assert listed_names(["district", "m2", "Price-net_1.5"]) == b"district, m2, Price-net_1.5"


def test_other_names_are_percent_encoded() -> None:
    names = ["año", "a, b", "+3", "x\r\nSet-Cookie: y", "100 %", "日本"]
    header = listed_names(names).decode("ascii")
    assert header.isprintable()
    assert [unquote(part) for part in header.split(", ")] == names


def test_a_long_list_ends_with_how_many_more_there_are() -> None:
    names = [f"a_long_name_{number:04}" for number in range(1_000)]
    *listed, more = listed_names(names).decode().split(", ")
    assert listed == names[: len(listed)]
    assert int(more) == len(names) - len(listed)
    assert more.startswith("+")
    assert len(listed_names(names)) < LONGEST_LIST + 10
    assert listed_names(["x" * 5_000]) == b"+1"
