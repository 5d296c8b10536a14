"""How a bundle's fitted model is loaded: its pickle is audited, then opened through the same list."""

from vaticina.contract import Bundle
from vaticina.pickles.audit import load_pickle
from vaticina.tasks import task_of
from vaticina.tasks.native_runtime import PICKLE_FILE, NativeRuntime


def load_native(bundle: Bundle, allow: frozenset[str]) -> NativeRuntime:
    """The runtime of a bundle's ``model.pkl``. Raises BundleCorrupt and PickleRefused."""
    model = load_pickle(bundle.read(PICKLE_FILE), f"{PICKLE_FILE} of version {bundle.version}", allow)
    contract = bundle.manifest.contract
    return NativeRuntime(model, contract, task_of(contract))
