"""The machine under the benchmark: its cores, its noise, its versions."""

import os
import platform
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

SERVER_CORE = 0
LOAD_CORE = 1
_LOOPS = 400_000
_QUIET = 1.5
_PACKAGES = (
    "fastapi",
    "starlette",
    "uvicorn",
    "uvloop",
    "httptools",
    "pydantic",
    "scikit-learn",
    "onnxruntime",
    "numpy",
)


def settle() -> None:
    """Keeps this process on the load's core, so that the server's core belongs to the server alone.

    Raises:
        SystemExit: the machine has only one core, so load and server would share it.
    """
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("The benchmark needs two cores: one for the server, one for the load.")
    os.sched_setaffinity(0, {LOAD_CORE})


def calibrate() -> float:
    """Milliseconds that one fixed loop takes on the server's core now: the yardstick of the machine's noise."""
    with _pinned_to(SERVER_CORE):
        start = time.perf_counter()
        total = 0
        for number in range(_LOOPS):
            total += number & 7
        return (time.perf_counter() - start) * 1e3


@contextmanager
def _pinned_to(core: int) -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def noise(loops: list[float]) -> str:
    """One sentence on how steady the machine was, from the calibration loops of a whole run, in milliseconds."""
    low, middle, high = min(loops), statistics.median(loops), max(loops)
    verdict = "quiet enough." if high <= _QUIET * low else "the machine was NOT quiet: trust ratios more than figures."
    return (
        f"Calibration loop on the server's core, {len(loops)} times: "
        f"median {middle:.1f} ms, {low:.1f}–{high:.1f} ms ({high / low:.2f}× between best and worst); {verdict}"
    )


def describe() -> str:
    """The machine and the versions that the figures hold for, as one paragraph."""
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    system = f"Linux {platform.release()}, Python {platform.python_version()}"
    return f"{_processor()}, {os.cpu_count()} cores, {system}; {versions}."


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
