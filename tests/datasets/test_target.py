import numpy as np
import pytest

from vaticina.datasets.target import TargetType, read_target
from vaticina.errors import DataError


@pytest.mark.parametrize(
    ("texts", "classes"),
    [
        (["no", "yes"] * 3, ("no", "yes")),
        (["True", "false"] * 3, (False, True)),
        (["1", "0"] * 3, (0, 1)),
        (["1.0", "0.0"] * 3, (0, 1)),
        (["10", "9", "2"] * 5, (2, 9, 10)),
        (["3", "007"] * 3, ("007", "3")),
    ],
)
def test_classes_have_the_type_of_their_texts_and_are_sorted(texts: list[str], classes: tuple[object, ...]) -> None:
    target = read_target("y", texts)
    assert target.classes == classes
    assert [type(one) for one in target.classes] == [type(one) for one in classes]
    assert target.values.dtype == np.int64
    assert set(target.values.tolist()) == set(range(len(classes)))


@pytest.mark.parametrize(
    "texts",
    [
        [str(at) for at in range(21)] * 50,
        [str(at % 18) for at in range(40)],
        ["0.5", "1.5"] * 20,
        ["1", "2.5", "3"] * 20,
    ],
)
def test_many_or_broken_numbers_are_a_number(texts: list[str]) -> None:
    target = read_target("y", texts)
    assert target.classes == ()
    assert target.values.tolist() == [float(text) for text in texts]


@pytest.mark.parametrize(("kind", "classes"), [("number", ()), ("classes", (0, 1))])
def test_what_the_outputs_ask_for_comes_first(kind: TargetType, classes: tuple[int, ...]) -> None:
    assert read_target("y", ["0", "1"] * 5, kind).classes == classes


@pytest.mark.parametrize(
    ("texts", "kind", "word"),
    [
        (["a"] * 4, None, "one class only, 'a'"),
        (["a", "a", "b"], None, "single row of 'b'"),
        ([f"name {at // 2}" for at in range(100)], None, "50 different values in 100 rows"),
        (["1.5"] * 4, None, "always 1.5"),
        (["1", "many"], "number", "'many'"),
    ],
)
def test_a_target_that_cannot_be_learnt_is_refused(texts: list[str], kind: TargetType | None, word: str) -> None:
    with pytest.raises(DataError, match=word) as refusal:
        read_target("y", texts, kind)
    assert "'y'" in refusal.value.message
