"""The audit: a pickle is opened only when every name in it is on an exact list.

Two steps, which do not trust each other: the scan reads the whole pickle without executing it, and the unpickler that
then opens it resolves names through the same list. There is no switch that trusts everything.

What it promises is that nothing is imported or called that the list does not name. It does not promise that the
numbers inside are sound: a forged tree may still answer nonsense or crash the C code that walks it, so a model from a
stranger is opened in a process of its own.
"""

import io
import pickle
from collections.abc import Callable
from typing import Any

from vaticina.errors import MissingExtra, PickleRefused, VaticinaError
from vaticina.security.allowed import canonical
from vaticina.security.scan import Scan, is_listed
from vaticina.security.values import Refused

NAMED = 10
"""How many names a message holds."""


def load_pickle(data: bytes, where: str, allow: frozenset[str] = frozenset()) -> Any:
    """The object in the one pickle that ``data`` is; ``where`` names it in errors.

    ``allow`` are more exact ``module.Class`` names that may be imported and called.

    Raises:
        PickleRefused: it wants a name that is not listed, does what no model needs, or cannot be opened here.
        MissingExtra: a library that it names is not installed.
    """
    audit(data, where, allow)
    try:
        return ListedUnpickler(data, where, allow).load()
    except VaticinaError:
        raise
    except ModuleNotFoundError as error:
        raise MissingExtra.of(error.name, where) from None
    except Exception as error:
        raise PickleRefused(
            f"{where} cannot be opened with the versions installed here: {type(error).__name__}: {error}"
        ) from error


def audit(data: bytes, where: str, allow: frozenset[str] = frozenset()) -> None:
    """Reads the pickle without executing it. Raises PickleRefused, naming what it wants."""
    scan = Scan(data, allow)
    judge(scan, scan.run, where)


def judge(scan: Scan, read: Callable[[], object], where: str) -> None:
    """Lets ``scan`` ``read``. Raises PickleRefused, naming what the pickle wants."""
    reason = ""
    try:
        read()
    except Refused as refused:
        reason = str(refused)
    except Exception as error:  # pickletools raises what it pleases on broken input
        reason = f"it is no whole pickle ({error})"
    if scan.unlisted:
        names = ", ".join(name[:200] for name in scan.unlisted[:NAMED])
        more = f" and {len(scan.unlisted) - NAMED} more" if len(scan.unlisted) > NAMED else ""
        raise PickleRefused(f"{where} is not opened: it wants {names}{more}, not on the list of what a model needs.")
    if reason:
        raise PickleRefused(f"{where} is not opened: {reason}.")


class ListedUnpickler(pickle.Unpickler):
    """An unpickler that imports listed names only."""

    def __init__(self, data: bytes, where: str, allow: frozenset[str]) -> None:
        super().__init__(io.BytesIO(data), fix_imports=False)
        self._where = where
        self._allow = allow

    def find_class(self, module: str, name: str) -> Any:
        """The object ``module.name``. Raises PickleRefused when it is not listed."""
        if not is_listed(module, name, self._allow):
            raise PickleRefused(
                f"{self._where} is not opened: it wants {module}.{name}, not on the list of what a model needs."
            )
        module, _, name = canonical(f"{module}.{name}").rpartition(".")
        return super().find_class(module, name)
