"""The values of an input that were seen in the data: its range or its categories, and an example.

They describe an input and never refuse a value.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from vaticina.contract.fields import AnyInput, Category, Flag, Instant, Integer, Number


def add_seen_values(field: AnyInput, values: Sequence[Any]) -> AnyInput:
    """``field`` with ``seen`` from its validated ``values``, and with an ``example`` if it had none.

    The example is a real value: the lower median of what is ordered, else the most frequent. Declared ranges,
    categories and examples stay as they are; a declared list of categories needs none seen.
    """
    present = [value for value in values if value is not None]
    if not present:
        return field
    additions: dict[str, Any] = {}
    if isinstance(field, Number | Integer | Instant):
        additions["seen"] = (min(present), max(present))
    if isinstance(field, Category) and field.categories is None:
        additions["seen"] = tuple(sorted(set(present)))
    if field.example is None:
        additions["example"] = _typical(field, present)
    return type(field).model_validate({**field.model_dump(exclude_unset=True), **additions})


def _typical(field: AnyInput, values: list[Any]) -> Any:
    if isinstance(field, Category | Flag):
        return Counter(values).most_common(1)[0][0]
    return sorted(values)[(len(values) - 1) // 2]
