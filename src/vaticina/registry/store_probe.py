"""Whether a store keeps its word on put-if-absent, on which aliases stand."""

from vaticina.errors import UnsafeStore
from vaticina.registry.store import Store

KEY = "_probe/put-if-absent"
"""No project is called ``_probe``: names start with a letter."""


def check_put_if_absent(store: Store) -> None:
    """Puts one key twice. Raises UnsafeStore when the second put succeeds, RegistryError when the store is away.

    The key stays: where it is already there, one refused put is proof enough.
    """
    if store.create(KEY, b"1") and store.create(KEY, b"2"):
        raise UnsafeStore(
            f"The store {store.name} ignores put-if-absent (it wrote one key twice), so two promoters could both win; "
            "nothing was promoted. Use a store that honours it."
        )
