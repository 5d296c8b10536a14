"""Models that do what a stranger's may do once their class is allowed: crash, take all there is, look around."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Polite:
    """A classifier of two classes by the sign of the first of two columns. It answers whatever it is asked."""

    classes_ = ("no", "yes")
    n_features_in_ = 2

    def predict(self, rows: Any) -> list[str]:
        return [self.classes_[place] for place in self.predict_proba(rows).argmax(axis=1).tolist()]

    def predict_proba(self, rows: Any) -> NDArray[np.float64]:
        self.act()
        share = 1 / (1 + np.exp(-np.asarray(rows, dtype=float)[:, 0]))
        return np.column_stack([1 - share, share])

    def act(self) -> None:
        """What it does before it answers."""


class Crashing(Polite):
    def act(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)


class Leaving(Polite):
    def act(self) -> None:
        sys.stderr.write("the licence has expired\n")
        sys.stderr.flush()
        os._exit(7)


class Killed(Polite):
    """As the kernel kills a process when memory runs out."""

    def act(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Hungry(Polite):
    def act(self) -> None:
        eaten = []
        while True:
            eaten.append(np.ones(2**23))


class Greedy(Polite):
    """Asks for more than there are addresses."""

    def act(self) -> None:
        np.empty(2**50)


class Idle(Polite):
    """Waits for what never comes."""

    def act(self) -> None:
        signal.pause()


class Curious(Polite):
    """Writes what it sees into the file called ``notes``."""

    def __init__(self, notes: Path) -> None:
        self.notes = str(notes)

    def act(self) -> None:
        seen = {
            "environment": Path("/proc/self/environ").read_text(encoding="utf-8"),
            "home": str(Path.home()),
            "arguments": sys.argv,
            "input": sys.stdin.read(),
            "session": os.getsid(0) == os.getpid(),
            "modules": sorted(name for name in sys.modules if name.startswith("vaticina.")),
        }
        Path(self.notes).write_text(json.dumps(seen), encoding="utf-8")


class Fruitful(Polite):
    """Starts a process that would outlive it, and writes its number into the file called ``notes``."""

    def __init__(self, notes: Path) -> None:
        self.notes = str(notes)

    def act(self) -> None:
        started = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        Path(self.notes).write_text(str(started.pid), encoding="utf-8")
