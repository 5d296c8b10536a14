"""The machine under the benchmark: its cores, its noise, its versions."""

import os
import platform
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Calibration:
    """What one fixed loop took on the server's core, in milliseconds: by the clock, and of the processor's time.

    The clock runs ahead of the processor's time when other processes want the core; both grow when the core is slow.
    """

    clock: float
    processor: float


def calibrate() -> Calibration:
    """Times the fixed loop now."""
    with _pinned_to(SERVER_CORE):
        clock, processor = time.perf_counter(), time.process_time()
        total = 0
        for number in range(_LOOPS):
            total += number & 7
        return Calibration((time.perf_counter() - clock) * 1e3, (time.process_time() - processor) * 1e3)


@contextmanager
def _pinned_to(core: int) -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def noise(loops: list[Calibration]) -> str:
    """How steady and how idle the server's core was, from the calibrations of a whole run."""
    clocks = [loop.clock for loop in loops]
    best, worst = min(loop.processor for loop in loops), max(clocks)
    verdict = "quiet enough" if worst <= _QUIET * best else "NOT quiet: trust ratios more than figures"
    return (
        f"Calibration loop on the server's core, {len(loops)} times: median {statistics.median(clocks):.1f} ms, "
        f"{min(clocks):.1f}–{worst:.1f} ms by the clock, {best:.1f} ms of processor at best; the machine was {verdict}."
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
