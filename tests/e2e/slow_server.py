"""The server process with a model that takes its time: ``VATICINA_PROJECTS`` names the folder of its history.

A batch costs ``SECONDS`` whatever the machine is busy with, so that its peak is known: ``MAX_BATCH / SECONDS`` rows a
second.
"""

import argparse
from pathlib import Path

from tests.serving.rig import loaded
from tests.serving.runtimes import Slow
from vaticina.api import server
from vaticina.api.app import make_app
from vaticina.api.front_app import FrontApp
from vaticina.api.service import Service
from vaticina.contract.project import parse_project
from vaticina.history.migrate import upgrade
from vaticina.history.sql import open_history
from vaticina.serving.engine import Engine
from vaticina.serving.follower import Follower
from vaticina.serving.recorder import Recorder
from vaticina.serving.slot import LoadedVersion
from vaticina.settings import served_folders

SECONDS = 0.05
MAX_BATCH = 10
MAX_QUEUE = 40

PROJECT = f"""
[project]
name = "toy"
[serving]
max_batch = {MAX_BATCH}
max_queue = {MAX_QUEUE}
[inputs.x]
"""


class Promoted:
    """One version, always the same."""

    def target(self) -> str:
        return "slow"

    def load(self, version: str) -> LoadedVersion:
        return loaded(Slow(SECONDS), version)

    def last_good(self) -> None:
        """There is no cache."""

    def remember(self, version: str) -> None:
        """There is no cache."""


def app() -> FrontApp:
    (folder,) = served_folders()
    url = f"sqlite:///{folder / 'history.db'}"
    upgrade(url)
    history = open_history(url)
    project = parse_project(PROJECT, Path("project.toml"))
    engine = Engine(Recorder(history, "commit"), project.serving)
    return make_app([Service(project, engine, Follower(engine.slot, Promoted()), history)])


if __name__ == "__main__":
    server.APP = "tests.e2e.slow_server:app"
    options = argparse.ArgumentParser()
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int)
    given = options.parse_args()
    server.run(given.host, given.port, 1, "info")
