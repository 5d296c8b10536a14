"""A check that a store honours put-if-absent, without which two people could move one alias at the same moment."""

from vaticina.errors import UnsafeStore
from vaticina.registry.store import Store

KEY = "_probe/put-if-absent"
"""No project is called ``_probe``: names start with a letter."""


def check_put_if_absent(store: Store) -> None:
    """Writes one key twice, each time only if it is absent.

    The key stays in the store: a later check needs one write only, which must be refused.

    Raises:
        UnsafeStore: the second write succeeded.
        RegistryError: the store does not answer.
    """
    if store.create(KEY, b"1") and store.create(KEY, b"2"):
        raise UnsafeStore(
            f"The store {store.name} ignores put-if-absent (it wrote one key twice), so two people could move an alias "
            "at the same moment; nothing was promoted. Use a store that honours it."
        )
