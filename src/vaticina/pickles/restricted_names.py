"""Names on the list that are harmless in one form only, and the checks of that form.

A dtype whose flags deny that it holds objects turns bytes into object pointers. A partial binds any argument to any
function. So both are accepted exactly as numpy and scikit-learn write them, and in no other form. A classifier by
neighbours is accepted where it counts their votes in numpy, not in C code that writes at any place a label names. A
booster reads its own text or document as it is given its state, so that is audited first.
"""

import re
from contextlib import suppress
from typing import Any

import numpy as np

from vaticina.audits.lightgbm_text import check_lightgbm
from vaticina.audits.unsound import Unsound
from vaticina.audits.xgboost_document import check_xgboost
from vaticina.pickles.allowlist import UFUNCS, Allowlist
from vaticina.pickles.stack_values import CallRule, CreatedObject, DictValue, ImportedName, ScanRefusal

DTYPE = "numpy.dtype"
PARTIAL = "functools.partial"
FUNCTION_TRANSFORMER = "sklearn.preprocessing._function_transformer.FunctionTransformer"
NEIGHBOURS = "sklearn.neighbors._classification.KNeighborsClassifier"

LIGHTGBM, XGBOOST = "lightgbm.basic.Booster", "xgboost.core.Booster"
OLD_XGBOOST = b"CONFIG-offset:"
"""What the pickles of XGBoost before 2.0 begin with, which only an interpreter of theirs reads."""

UNHELD = frozenset({"builtins.object", "numpy.ndarray", "sklearn.utils.validation.check_array"})
"""Values on the list that no attribute of an object may be: a library could call them with what it is asked."""

SELECTOR = "sklearn.compose._column_transformer.make_column_selector"

OBJECT = CallRule((), state=dict)
"""The rule for the state of an object that was made without a call."""

BOUND = CallRule(((), DictValue, None))
"""What follows the function in the state of a partial: no arguments but keywords, and no attributes."""

FUNCTIONS = (None, *(ImportedName(f"numpy.{name}") for name in UFUNCS))
"""What a FunctionTransformer may call, beside a partial of check_array."""

TREE_METHODS = ("kd_tree", "ball_tree")
EUCLIDEAN = ("euclidean", "sqeuclidean")
Fields = dict[str, tuple[np.dtype[Any], int]]
"""The fields of a structured dtype: name -> (dtype, offset in bytes)."""

CODE = re.compile(r"[biufcSUV][0-9]{1,9}|O8")
"""The codes of plain dtypes, such as ``f8``."""


def check_call(result: CreatedObject, rule: CallRule) -> None:
    """Raises ScanRefusal unless what ``result`` came from was called as its library calls it."""
    if not rule.fits(result.args):
        raise ScanRefusal(f"it calls {result.name} with arguments that no model needs")
    if result.name == DTYPE:
        result.dtype = _plain_dtype(result.args[0])


def check_state(target: CreatedObject, state: Any, allowlist: Allowlist) -> None:
    """Raises ScanRefusal unless ``state`` is one that the library of ``target`` would write."""
    rule = allowlist.calls[target.name] if target.called else OBJECT
    if not rule.fits_state(state):
        raise ScanRefusal(f"it gives a state to what {target.name} gave in a way no model is written")
    if target.name == DTYPE:
        target.dtype = _stated_dtype(target, state)
    if target.name == PARTIAL:
        check_partial(state, allowlist)
    if target.name == FUNCTION_TRANSFORMER:
        _check_transformer(state)
    if target.name == NEIGHBOURS:
        _check_neighbours(state)
    if target.name in (LIGHTGBM, XGBOOST):
        _check_booster(target.name, _attributes(state, "Booster"))
    if rule is OBJECT:
        _check_held(target.name, state, allowlist)


def check_partial(state: tuple[Any, ...], allowlist: Allowlist) -> None:
    """Raises ScanRefusal unless the state of a partial binds a function that it may bind, by keywords."""
    function, *rest = state
    if not isinstance(function, ImportedName) or function.name not in allowlist.bound or not BOUND.fits(tuple(rest)):
        raise ScanRefusal("it binds functools.partial to another function than scikit-learn's check_array")


def _check_held(name: str, state: DictValue, allowlist: Allowlist) -> None:
    """Refuses attributes that are functions or classes: a library could call them, with what it is asked."""
    callable_names = (allowlist.objects | allowlist.calls.keys()) - allowlist.values | UNHELD
    if name == SELECTOR:
        callable_names -= {"builtins.object"}  # the type of the columns that it chose
    for key, value in state.items:
        if isinstance(value, ImportedName) and value.name in callable_names:
            raise ScanRefusal(f"it makes a {name} whose {key} is {value.name}, which it could call")


def _check_booster(name: str, attributes: dict[str, Any]) -> None:
    """Audits the model that a booster reads from its state."""
    try:
        for key in ("_handle", "handle"):
            model = attributes.get(key)
            if model is None:
                continue
            if name == LIGHTGBM and type(model) is str:
                check_lightgbm(model)
            elif name == XGBOOST and type(model) in (bytes, bytearray):
                if not model.startswith(OLD_XGBOOST):
                    check_xgboost(bytes(model))
            else:
                raise Unsound("it is kept in another form than its library writes")
    except Unsound as reason:
        raise ScanRefusal(f"its {name} is no sound model: {reason}") from None


def _check_transformer(state: DictValue) -> None:
    """Refuses functions other than those that scikit-learn itself writes: a user's transformer carries code."""
    attributes = _attributes(state, "FunctionTransformer")
    for name in ("func", "inverse_func"):
        function = attributes.get(name)
        if function not in FUNCTIONS and not (isinstance(function, CreatedObject) and function.name == PARTIAL):
            raise ScanRefusal("it makes a FunctionTransformer with a function of its own")
    for name in ("kw_args", "inv_kw_args", "feature_names_out"):
        if type(attributes.get(name)) not in (str, type(None)):
            raise ScanRefusal("it makes a FunctionTransformer with arguments of its own")


def _check_neighbours(state: DictValue) -> None:
    """Refuses the settings with which scikit-learn (1.9, ``ArgKminClassMode``) trusts the labels that it kept.

    With weighed votes or a Euclidean metric it does not.
    """
    attributes = _attributes(state, "KNeighborsClassifier")
    weights = attributes.get("weights")
    is_weighed = type(weights) is str and weights == "distance"
    method = attributes.get("_fit_method")
    asks_tree = type(method) is str and method in TREE_METHODS  # their votes are counted in numpy
    if not is_weighed and not asks_tree and not _is_euclidean(attributes.get("metric"), attributes.get("p")):
        raise ScanRefusal(
            "it makes a KNeighborsClassifier that counts votes without checking them; "
            "weights = 'distance', a Euclidean metric or a tree does not"
        )


def _is_euclidean(metric: Any, power: Any) -> bool:
    if type(metric) is not str:
        return False
    return metric in EUCLIDEAN or (metric == "minkowski" and type(power) in (int, float) and power == 2)


def _attributes(state: DictValue, name: str) -> dict[str, Any]:
    """The attributes that the state sets. A key that is no text could hide an attribute that it is equal to."""
    if not all(type(key) is str for key, _ in state.items):
        raise ScanRefusal(f"it makes a {name} with attributes that have no plain name")
    return dict(state.items)


def _plain_dtype(code: str) -> np.dtype[Any]:
    """The dtype of ``numpy.dtype(code, False, True)``."""
    try:
        if CODE.fullmatch(code):
            return np.dtype(code)
    except (TypeError, ValueError):
        pass
    raise ScanRefusal(f"it makes a numpy.dtype {code[:20]!r}, which no model needs")


def _stated_dtype(target: CreatedObject, state: tuple[Any, ...]) -> np.dtype[Any]:
    """The dtype that has exactly this state, as numpy itself would write it."""
    plain = target.dtype
    if plain is None:
        raise ScanRefusal("it makes a numpy.dtype made in another way than by its code")
    if state[4] is None:
        candidates = [plain.newbyteorder("<"), plain.newbyteorder(">")]
    else:
        fields = _fields(state[3], state[4])
        state = (*state[:4], fields, *state[5:])
        candidates = _structures(state[3], fields, state[5])
    for candidate in candidates:
        if candidate.__reduce__()[2] == state and candidate.itemsize == plain.itemsize:
            return candidate
    raise ScanRefusal("it makes a numpy.dtype with a state that numpy would not write")


def _fields(names: Any, pairs: Any) -> Fields:
    """The fields that ``pairs`` describe; they may not be changed any more."""
    if type(names) is not tuple or type(pairs) is not DictValue or len(pairs.items) != len(names):
        raise ScanRefusal("it makes a numpy.dtype whose fields are not written as numpy writes them")
    fields: Fields = {}
    for name, field in pairs.items:
        if type(name) is not str or type(field) is not tuple or len(field) != 2 or type(field[1]) is not int:
            raise ScanRefusal("it makes a numpy.dtype whose fields are not written as numpy writes them")
        dtype = field[0].dtype if isinstance(field[0], CreatedObject) else None
        if dtype is None or dtype.hasobject:
            raise ScanRefusal("it makes a numpy.dtype with a field that is not of numbers")
        fields[name] = (dtype, field[1])
    pairs.sealed = True
    return fields


def _structures(names: Any, fields: Fields, size: Any) -> list[np.dtype[Any]]:
    """The dtypes of these fields in ``size`` bytes, packed and aligned; numpy refuses fields that do not fit."""
    dtypes: list[np.dtype[Any]] = []
    for aligned in (False, True):
        with suppress(KeyError, TypeError, ValueError):
            formats, offsets = zip(*(fields[name] for name in names), strict=True)
            layout: Any = {"names": list(names), "formats": formats, "offsets": offsets, "itemsize": size}
            dtypes.append(np.dtype(layout, align=aligned))
    return dtypes
