"""Contract suites: what every implementation of a port must do, ours and others' alike.

A suite is a tuple of functions; each takes a way to open the implementation under test, fresh and empty, and raises
AssertionError when it breaks its word. With pytest::

    @pytest.mark.parametrize("check", REGISTRY, ids=lambda check: check.__name__)
    def test_my_registry(check, tmp_path):
        check(lambda node: MyRegistry(tmp_path / "store", cache=tmp_path / node))
"""

from vaticina.checks.collections import COLLECTIONS
from vaticina.checks.history import HISTORY
from vaticina.checks.registry import REGISTRY, OpenRegistry

__all__ = ["COLLECTIONS", "HISTORY", "REGISTRY", "OpenRegistry"]
