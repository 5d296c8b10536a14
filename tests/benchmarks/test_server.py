from pathlib import Path
from tempfile import TemporaryFile

import pytest

from benchmarks.contenders import Contender
from benchmarks.server import check_log, command


def test_a_locked_database_fails_the_run() -> None:
    with TemporaryFile("w+") as output:
        output.write("INFO: started\n")
        check_log("medico", output)
        output.write("ERROR: history.db: database is locked\n")
        with pytest.raises(SystemExit, match="medico: database is locked"):
            check_log("medico", output)


def test_a_server_has_its_own_core_unless_it_is_given_both() -> None:
    pinned = Contender("one", Path(), ("serve", "{port}"))
    free = Contender("two", Path(), ("serve", "{port}"), is_pinned=False)
    assert command(pinned, 9000) == ["taskset", "--cpu-list", "0", "serve", "9000"]
    assert command(free, 9000) == ["taskset", "--cpu-list", "0,1", "serve", "9000"]
