"""A flame graph as SVG: width is how often a function was seen, its callers stand below it."""

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import NamedTuple

from benchmarks.stacks import Stacks, area

_WIDTH, _HEIGHT, _LETTER = 1200, 17, 6.6
_THINNEST = 0.001
_COLOURS = {
    "model": "#7fb069",
    "validation": "#c9a0dc",
    "history": "#e8a33d",
    "answers": "#f2d16b",
    "batching": "#e07a5f",
    "event loop": "#b9c6d3",
    "HTTP": "#8fb8de",
    "other": "#d0d0d0",
}


class Box(NamedTuple):
    """A function in one place: left edge and width as parts of 1, and how deep it was called."""

    left: float
    width: float
    depth: int
    frames: tuple[str, ...]


def boxes(stacks: Stacks) -> list[Box]:
    """Where each function stands; what is thinner than a thousandth is left out."""
    total = sum(stacks.values())
    return list(_boxes(sorted(stacks.items()), 0.0, 0, total)) if total else []


def _boxes(stacks: list[tuple[tuple[str, ...], int]], left: float, depth: int, total: int) -> Iterator[Box]:
    deeper = [item for item in stacks if len(item[0]) > depth]
    for _, group in groupby(deeper, key=lambda item: item[0][depth]):
        inside = list(group)
        width = sum(count for _, count in inside) / total
        if width >= _THINNEST:
            yield Box(left, width, depth, inside[0][0][: depth + 1])
            yield from _boxes(inside, left, depth + 1, total)
        left += width


def svg(stacks: Stacks, title: str) -> str:
    """The whole drawing, without a script; a function's name and share are told where the pointer rests."""
    found = boxes(stacks)
    height = (max((box.depth for box in found), default=0) + 3) * _HEIGHT
    legend = (
        f'<tspan fill="{colour}" dx="12">■</tspan><tspan fill="#222"> {name}</tspan>'
        for name, colour in _COLOURS.items()
    )
    drawn = "\n".join(_drawn(box, height) for box in found)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="monospace" font-size="11">\n<rect width="100%" height="100%" fill="white"/>\n'
        f'<text x="4" y="13" fill="#222">{escape(title)} {"".join(legend)}</text>\n{drawn}\n</svg>\n'
    )


def _drawn(box: Box, height: int) -> str:
    left, width, top = box.left * _WIDTH, box.width * _WIDTH, height - (box.depth + 1) * _HEIGHT
    name = box.frames[-1]
    letters = int((width - 4) / _LETTER)
    label = escape(name.partition(" (")[0][:letters]) if letters > 2 else ""
    return (
        f'<g><title>{escape(name)}: {box.width:.1%}</title><rect x="{left:.1f}" y="{top}" width="{width:.1f}" '
        f'height="{_HEIGHT - 1}" fill="{_COLOURS[area(box.frames)]}"/>'
        f'<text x="{left + 2:.1f}" y="{top + 12}">{label}</text></g>'
    )
