"""Which command lines go to the server without the rest of the command line."""

import subprocess
import sys

import pytest

from vaticina.cli.become_server import is_plain


@pytest.mark.parametrize(
    "line",
    ["serve", "serve income", "serve a b --host 0.0.0.0 --port 9000", "serve --workers 2 --port 65535 some/folder"],
)
def test_folders_and_well_formed_numbers_are_plain(line: str) -> None:
    assert is_plain(line.split())


@pytest.mark.parametrize(
    "line",
    [
        "",
        "train income",
        "--help",
        "serve --help",
        "serve income --help",
        "serve --port",
        "serve --port 0",
        "serve --port 65536",
        "serve --port=9000",
        "serve --port x",
        "serve --port -1",
        "serve --port ٣",
        "serve --workers 65",
        "serve --host",
        "serve --host --port 80",
        "serve -p 1",
        "serve --reload",
        "serve -- income",
    ],
)
def test_all_else_is_for_the_whole_command_line(line: str) -> None:
    assert not is_plain(line.split())


def test_a_folder_without_a_name_is_not_plain() -> None:
    assert not is_plain(["serve", ""])


def test_a_plain_line_imports_no_typer() -> None:
    program = (
        "import os, sys\n"
        "def execv(path, command):\n"
        "    sys.exit(repr((command[1:], [name for name in ('typer', 'click', 'rich') if name in sys.modules])))\n"
        "os.execv = execv; sys.argv = ['vaticina', 'serve', 'income', '--port', '9000']\n"
        "from vaticina.cli import main; main()\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.stderr.strip() == "(['-P', '-m', 'vaticina.api.launch', 'income', '--port', '9000'], [])"
