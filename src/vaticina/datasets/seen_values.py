"""What an input learns from data: the range or the categories seen, and an example. Nothing learnt ever refuses."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from vaticina.contract.fields import AnyInput, Category, Flag, Instant, Integer, Number


def learn(field: AnyInput, values: Sequence[Any]) -> AnyInput:
    """``field`` with ``seen`` from its validated ``values``, and with an ``example`` if it had none.

    The example is a real value: the lower median of what is ordered, else the most frequent. Declared ranges,
    categories and examples stay as they are; a declared list of categories needs none seen.
    """
    known = [value for value in values if value is not None]
    if not known:
        return field
    learnt: dict[str, Any] = {}
    if isinstance(field, Number | Integer | Instant):
        learnt["seen"] = (min(known), max(known))
    if isinstance(field, Category) and field.categories is None:
        learnt["seen"] = tuple(sorted(set(known)))
    if field.example is None:
        learnt["example"] = _typical(field, known)
    return type(field).model_validate({**field.model_dump(exclude_unset=True), **learnt})


def _typical(field: AnyInput, known: list[Any]) -> Any:
    if isinstance(field, Category | Flag):
        return Counter(known).most_common(1)[0][0]
    return sorted(known)[(len(known) - 1) // 2]
