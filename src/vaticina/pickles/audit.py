"""The audit of a pickle: it is opened only when every name in it is on an exact list.

Two steps, which do not trust each other: ``audit`` reads the whole pickle without executing it, and the unpickler that
then opens it resolves names through the same list. There is no switch that trusts everything. A pickle is audited once:
``audit`` gives an ``Examined``, and only an ``Examined`` is opened.

The audit promises that nothing is imported or called that the list does not name. What is opened has its arrays looked
at before anything asks it: C code trusts them. It does not promise that the numbers mean anything.
"""

import io
import pickle
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from vaticina.audits.fitted_arrays import check_arrays
from vaticina.audits.unsound import Unsound
from vaticina.errors import MissingExtra, PickleRefused, VaticinaError
from vaticina.pickles.allowed_names import advice_on, check_allowed
from vaticina.pickles.allowlist import ALLOWLIST, Allowlist, canonical
from vaticina.pickles.other_libraries import road_of
from vaticina.pickles.scan import Scan, is_listed
from vaticina.pickles.stack_values import ScanRefusal

T = TypeVar("T")

NAMED = 10
"""How many names a message holds at most."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A pickle that was audited and found to want nothing but listed names; ``audit`` alone makes one.

    ``pickle`` is one plain pickle, ``where`` names it in errors, and ``allow`` are the exact ``module.Class`` names
    that it was allowed beside the list. ``names`` are those that it imports, as it writes them; ``versions`` the
    versions of scikit-learn that wrote its objects. ``fitted_to_table``: a part of it was fitted to a data frame.
    """

    pickle: bytes
    where: str
    allow: frozenset[str]
    names: tuple[str, ...]
    versions: frozenset[str]
    fitted_to_table: bool = False


def load_pickle(data: bytes, where: str, allow: frozenset[str] = frozenset()) -> Any:
    """The object in the one pickle that ``data`` is; ``where`` names it in errors.

    ``allow`` are more exact ``module.Class`` names that may be imported and called.

    Raises:
        PickleRefused: it wants a name that is not listed, does what no model needs, or cannot be opened here.
        MissingExtra: a library that it names is not installed.
    """
    return load_examined(audit(data, where, allow))


def load_examined(examined: Examined) -> Any:
    """The object of an audited pickle, whose names are resolved through the list as it is opened, and whose arrays fit.

    Raises PickleRefused and MissingExtra, as ``load_pickle`` does.
    """
    where = examined.where
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Trying to unpickle estimator")  # its version was judged before
            model = ListedUnpickler(examined).load()
        check_arrays(model)
        return model
    except VaticinaError:
        raise
    except ModuleNotFoundError as error:
        raise MissingExtra.of(error.name, where) from None
    except Unsound as reason:
        raise PickleRefused(f"{where} is not opened: {reason}.") from None
    except Exception as error:
        raise PickleRefused(
            f"{where} cannot be opened with the versions installed here: {type(error).__name__}: {error}"
        ) from error


def audit(data: bytes, where: str, allow: frozenset[str] = frozenset(), allowlist: Allowlist = ALLOWLIST) -> Examined:
    """Reads the pickle without executing it.

    Raises PickleRefused, naming what it wants, or what of ``allow`` nobody can allow.
    """
    check_allowed(allow)
    scan = Scan(data, allow, allowlist)
    checked(scan, scan.run, where)
    return Examined(data, where, allow, tuple(scan.imports), frozenset(scan.versions), scan.fitted_to_table)


def checked(scan: Scan, read: Callable[[], T], where: str) -> T:
    """What ``read`` returns, which reads a pickle with ``scan``. Raises PickleRefused, naming what the pickle wants."""
    reason = ""
    try:
        result = read()
    except ScanRefusal as refusal:
        reason = str(refusal)
    except Exception as error:  # pickletools raises errors of many kinds on broken input
        reason = f"it is no whole pickle ({error})"
    if scan.unlisted:
        reason = f"it wants {_first_names(scan.unlisted)}, not on the list of what a model needs"
        advice = road_of(scan.unlisted) or advice_on(scan.unlisted)
        if advice:
            reason = f"{reason}; {advice}"
    if reason:
        raise PickleRefused(f"{where} is not opened: {reason}.")
    return result


def _first_names(names: list[str]) -> str:
    """The first of ``names``, each cut short, and how many more there are."""
    text = ", ".join(name[:200] for name in names[:NAMED])
    if len(names) > NAMED:
        return f"{text} and {len(names) - NAMED} more"
    return text


class ListedUnpickler(pickle.Unpickler):
    """An unpickler that imports listed names only."""

    def __init__(self, examined: Examined) -> None:
        super().__init__(io.BytesIO(examined.pickle), fix_imports=False)
        self._where = examined.where
        self._allow = examined.allow

    def find_class(self, module: str, name: str) -> Any:
        """The object ``module.name``. Raises PickleRefused when it is not listed."""
        if not is_listed(module, name, self._allow):
            raise PickleRefused(
                f"{self._where} is not opened: it wants {module}.{name}, not on the list of what a model needs."
            )
        module, _, name = canonical(f"{module}.{name}").rpartition(".")
        return super().find_class(module, name)
