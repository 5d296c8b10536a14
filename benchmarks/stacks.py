"""Sampled stacks: read, freed of those that wait, and told apart by what they work on."""

from collections import Counter
from collections.abc import Mapping

Stacks = Mapping[tuple[str, ...], int]
"""Frames, outermost first -> how often they were seen."""

AREAS = {
    "model": (
        "onnxruntime/",
        "vaticina/exact/session",
        "vaticina/tasks/",
        "vaticina/formats/",
        "vaticina/contract/encoder",
    ),
    "validation": ("vaticina/contract/validator", "vaticina/contract/fields", "vaticina/tables/cell_values"),
    "history": ("vaticina/history/", "vaticina/serving/recorder", "vaticina/contract/record"),
    "answers": ("vaticina/contract/", "vaticina/serving/batch.py", "vaticina/api/response"),
    "batching": ("vaticina/serving/",),
    "event loop": ("asyncio/runners", "uvicorn/_compat"),
    "HTTP": ("uvicorn/", "vaticina/api/", "asyncio/", "starlette/", "fastapi/"),
}
"""What the files of frames work on; the first name that has the file wins."""

_WAITING = ("EngineThread._work", "Condition.wait", "_worker", "Queue.get", "Checkpoints._run")
"""Functions of ours and of Python whose own frame is innermost only while they wait."""


def read(folded: str) -> Stacks:
    """The stacks of a folded text, one a line; those that wait are left out."""
    found: Counter[tuple[str, ...]] = Counter()
    for line in folded.splitlines():
        frames, _, seen = line.rpartition(" ")
        stack = tuple(_short(frame) for frame in frames.split(";"))
        if not stack[-1].startswith(_WAITING):
            found[stack] += int(seen)
    return found


def _short(frame: str) -> str:
    """A frame without its line, so that one function is one frame; a thread without its number."""
    if frame.startswith("thread ("):
        return frame.partition(": ")[2] or "thread"
    return frame.rpartition(":")[0] + ")" if ":" in frame and frame.endswith(")") else frame


def area(stack: tuple[str, ...]) -> str:
    """What a stack works on, by its innermost frame that tells."""
    for frame in reversed(stack):
        file = frame.rpartition("(")[2]
        for name, beginnings in AREAS.items():
            if file.startswith(beginnings):
                return name
    return "other"


def shares(stacks: Stacks) -> dict[str, float]:
    """Area -> its part of all samples, the largest first."""
    seen: Counter[str] = Counter()
    for stack, count in stacks.items():
        seen[area(stack)] += count
    return {name: count / seen.total() for name, count in seen.most_common()}
