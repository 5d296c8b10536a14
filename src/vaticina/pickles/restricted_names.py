"""Names that are harmless in one shape only, and that shape.

A dtype whose flags deny that it holds objects turns bytes into object pointers, and a partial binds any argument to
any function; so these are accepted exactly as numpy and scikit-learn write them, and in no other way. A classifier by
neighbours is accepted where it counts their votes in numpy, not in C that writes at whatever place a label names.
"""

import re
from contextlib import suppress
from typing import Any

import numpy as np

from vaticina.pickles.allowlist import CALLS
from vaticina.pickles.stack_values import Call, Made, Named, Pairs, Refused

DTYPE = "numpy.dtype"
PARTIAL = "functools.partial"
FUNCTION_TRANSFORMER = "sklearn.preprocessing._function_transformer.FunctionTransformer"
NEIGHBOURS = "sklearn.neighbors._classification.KNeighborsClassifier"

OBJECT = Call((), state=dict)
PARTIAL_STATE = Call((Named("sklearn.utils.validation.check_array"), (), Pairs, None))
FUNCTIONS = (None, Named("numpy.log1p"), Named("numpy.expm1"))
EUCLIDEAN = ("euclidean", "sqeuclidean")
Fields = dict[str, tuple[np.dtype[Any], int]]

CODE = re.compile(r"[biufcSUV][0-9]{1,9}|O8")


def check_call(made: Made) -> None:
    """Raises Refused unless ``made`` was called as its library would."""
    if not CALLS[made.name].fits(made.args):
        raise Refused(f"it calls {made.name} with arguments that no model needs")
    if made.name == DTYPE:
        made.dtype = _plain_dtype(made.args[0])


def check_state(made: Made, state: Any) -> None:
    """Raises Refused unless ``state`` is what the library of ``made`` would write."""
    if not (CALLS[made.name] if made.called else OBJECT).fits_state(state):
        raise Refused(f"it gives a state to what {made.name} gave in a way no model is written")
    if made.name == DTYPE:
        made.dtype = _stated_dtype(made, state)
    if made.name == PARTIAL and not PARTIAL_STATE.fits(state):
        raise Refused("it binds functools.partial to another function than scikit-learn's check_array")
    if made.name == FUNCTION_TRANSFORMER:
        _check_transformer(state)
    if made.name == NEIGHBOURS:
        _check_neighbours(state)


def _check_transformer(state: Pairs) -> None:
    """scikit-learn writes this one for columns passed through and for boosting's numbers; a user's carries code."""
    found = _attributes(state, "FunctionTransformer")
    for name in ("func", "inverse_func"):
        function = found.get(name)
        if function not in FUNCTIONS and not (isinstance(function, Made) and function.name == PARTIAL):
            raise Refused("it makes a FunctionTransformer with a function of its own")
    for name in ("kw_args", "inv_kw_args", "feature_names_out"):
        if type(found.get(name)) not in (str, type(None)):
            raise Refused("it makes a FunctionTransformer with arguments of its own")


def _check_neighbours(state: Pairs) -> None:
    """scikit-learn (1.9, ``ArgKminClassMode``) trusts the labels it kept, unless it weighs votes or is Euclidean."""
    found = _attributes(state, "KNeighborsClassifier")
    metric, power = found.get("metric"), found.get("p")
    euclidean = type(metric) is str and metric in EUCLIDEAN
    euclidean = euclidean or (metric == "minkowski" and type(power) in (int, float) and power == 2)
    if not euclidean and not (type(found.get("weights")) is str and found["weights"] == "distance"):
        raise Refused(
            "it makes a KNeighborsClassifier that counts votes without checking them; "
            "weights = 'distance' or a Euclidean metric does not"
        )


def _attributes(state: Pairs, name: str) -> dict[str, Any]:
    """What the state sets; a key that only equals a text would hide what it sets."""
    if not all(type(key) is str for key, _ in state.items):
        raise Refused(f"it makes a {name} with attributes that have no plain name")
    return dict(state.items)


def _plain_dtype(code: str) -> np.dtype[Any]:
    """The dtype of ``numpy.dtype(code, False, True)``."""
    try:
        if CODE.fullmatch(code):
            return np.dtype(code)
    except (TypeError, ValueError):
        pass
    raise Refused(f"it makes a numpy.dtype {code[:20]!r}, which no model needs")


def _stated_dtype(made: Made, state: tuple[Any, ...]) -> np.dtype[Any]:
    """The dtype that has exactly this state, as numpy itself would write it."""
    plain = made.dtype
    if plain is None:
        raise Refused("it makes a numpy.dtype made in another way than by its code")
    if state[4] is None:
        candidates = [plain.newbyteorder("<"), plain.newbyteorder(">")]
    else:
        fields = _fields(state[3], state[4])
        state = (*state[:4], fields, *state[5:])
        candidates = _structures(state[3], fields, state[5])
    for candidate in candidates:
        if candidate.__reduce__()[2] == state and candidate.itemsize == plain.itemsize:
            return candidate
    raise Refused("it makes a numpy.dtype with a state that numpy would not write")


def _fields(names: Any, pairs: Any) -> Fields:
    """name -> (dtype, offset in bytes)."""
    if type(names) is not tuple or type(pairs) is not Pairs or len(pairs.items) != len(names):
        raise Refused("it makes a numpy.dtype whose fields are not written as numpy writes them")
    fields: Fields = {}
    for name, field in pairs.items:
        if type(name) is not str or type(field) is not tuple or len(field) != 2 or type(field[1]) is not int:
            raise Refused("it makes a numpy.dtype whose fields are not written as numpy writes them")
        dtype = field[0].dtype if isinstance(field[0], Made) else None
        if dtype is None or dtype.hasobject:
            raise Refused("it makes a numpy.dtype with a field that is not of numbers")
        fields[name] = (dtype, field[1])
    pairs.sealed = True
    return fields


def _structures(names: Any, fields: Fields, size: Any) -> list[np.dtype[Any]]:
    """The dtypes of these fields in ``size`` bytes, packed and aligned; numpy refuses fields that do not fit."""
    found: list[np.dtype[Any]] = []
    for aligned in (False, True):
        with suppress(KeyError, TypeError, ValueError):
            formats, offsets = zip(*(fields[name] for name in names), strict=True)
            layout: Any = {"names": list(names), "formats": formats, "offsets": offsets, "itemsize": size}
            found.append(np.dtype(layout, align=aligned))
    return found
