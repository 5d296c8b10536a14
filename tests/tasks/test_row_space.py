"""A contract in the terms of a graph."""

from typing import Any

import pytest

from vaticina.contract import Contract
from vaticina.contract.fields import FLOAT_LIMIT
from vaticina.exact.compile import Goal
from vaticina.exact.row_space import ColumnSpace
from vaticina.exact.threshold_search import LARGEST
from vaticina.tasks.row_space import goal_of, row_space


def contract(**fields: Any) -> Contract:
    inputs = {
        "age": {"type": "number", "min": 0, "max": 120, "seen": [18, 90]},
        "children": {"type": "integer", "seen": [0, 7], "optional": True},
        "when": {"type": "instant"},
        "smokes": {"type": "flag", "optional": True},
        "job": {"type": "category", "seen": ["clerk", "nurse"], "optional": True},
        "size": {"type": "category", "categories": ["S", "M", "L"]},
        "name": {"type": "identifier"},
    }
    return Contract.model_validate({"name": "people", "inputs": inputs, **fields})


def test_each_column_has_what_may_stand_in_it() -> None:
    moment = ColumnSpace()
    assert row_space(contract()).columns == (
        ColumnSpace(ends=(18.0, 90.0, 0.0, 120.0)),
        ColumnSpace(is_optional=True, ends=(0.0, 7.0)),
        *(moment, moment, moment, moment),
        ColumnSpace("category", 2, is_optional=True),
        ColumnSpace("category", 2, has_unknown=True, is_optional=True),
        ColumnSpace("category", 3),
    )


def test_a_space_lists_its_numbers_codes_and_optional_columns() -> None:
    space = row_space(contract())
    assert space.numbers == [0, 1, 2, 3, 4, 5]
    assert space.codes == {6: [0.0, 1.0], 7: [0.0, 1.0, 2.0], 8: [0.0, 1.0, 2.0]}
    assert space.optional == [1, 6, 7]


@pytest.mark.parametrize(
    ("fields", "goal"),
    [
        ({}, Goal(columns=9)),
        ({"classes": ["a", "b", "c"], "model": {"threshold": 0.3}}, Goal(columns=9, classes=3, positive=2)),
        ({"classes": ["no", "yes"]}, Goal(columns=9, classes=2, positive=1)),
        (
            {"classes": ["no", "yes"], "positive": "no", "model": {"threshold": 0.3}},
            Goal(columns=9, classes=2, positive=0, threshold=0.3),
        ),
    ],
)
def test_the_goal_of_a_contract(fields: dict[str, Any], goal: Goal) -> None:
    assert goal_of(contract(**fields)) == goal


def test_a_threshold_needs_two_classes() -> None:
    with pytest.raises(ValueError, match="a decision threshold needs two classes, not 3"):
        Goal(columns=1, classes=3, threshold=0.5)


def test_verification_tries_numbers_as_large_as_a_contract_takes() -> None:
    assert LARGEST == FLOAT_LIMIT
