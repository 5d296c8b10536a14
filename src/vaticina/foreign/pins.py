"""Which libraries and which Python go with a version of scikit-learn."""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from vaticina.errors import ImportRefused


@dataclass(frozen=True, slots=True)
class Row:
    """What was current with a version of scikit-learn, every one of them to be had as a wheel.

    ``pythons`` are those that all of them run on, the likeliest first.
    """

    pythons: tuple[str, ...]
    numpy: str
    scipy: str
    pandas: str
    joblib: str
    lightgbm: str


TABLE: dict[str, Row] = {
    "0.22": Row(("3.8",), "1.18.5", "1.4.1", "1.0.5", "0.14.1", "2.3.1"),
    "0.23": Row(("3.8",), "1.19.5", "1.5.4", "1.1.5", "0.17.0", "3.1.1"),
    "0.24": Row(("3.9", "3.8"), "1.19.5", "1.6.3", "1.2.5", "1.0.1", "3.2.1"),
    "1.0": Row(("3.10", "3.9", "3.8"), "1.22.4", "1.8.1", "1.4.4", "1.1.1", "3.3.5"),
    "1.1": Row(("3.10", "3.9", "3.11", "3.8"), "1.23.5", "1.9.3", "1.5.3", "1.2.0", "3.3.5"),
    "1.2": Row(("3.11", "3.10", "3.9", "3.8"), "1.24.4", "1.10.1", "1.5.3", "1.2.0", "3.3.5"),
    "1.3": Row(("3.11", "3.12", "3.10", "3.9"), "1.26.4", "1.11.4", "2.1.4", "1.3.2", "4.1.0"),
    "1.4": Row(("3.11", "3.12", "3.10", "3.9"), "1.26.4", "1.12.0", "2.2.3", "1.4.2", "4.3.0"),
    "1.5": Row(("3.12", "3.11", "3.10", "3.9"), "2.0.2", "1.13.1", "2.2.3", "1.4.2", "4.5.0"),
    "1.6": Row(("3.12", "3.11", "3.10", "3.9"), "2.0.2", "1.13.1", "2.2.3", "1.4.2", "4.6.0"),
    "1.7": Row(("3.12", "3.13", "3.11", "3.10"), "2.2.6", "1.15.3", "2.3.3", "1.5.2", "4.6.0"),
    "1.8": Row(("3.12", "3.13", "3.11"), "2.3.5", "1.16.3", "2.3.3", "1.5.2", "4.6.0"),
}
"""By the first two numbers of scikit-learn's version."""

RELEASE = re.compile(r"(\d+)\.(\d+)(\.\d+)?(\.post\d+)?")
PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==(\d[A-Za-z0-9._+!]*)")
PYTHON = re.compile(r"3\.\d{1,2}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An environment: ``pins`` are ``name==version``, sorted; ``pythons`` what it may be made of, best first."""

    pythons: tuple[str, ...]
    pins: tuple[str, ...]


def wanted(sklearn: str, names: Iterable[str], python: str | None = None, more: Sequence[str] = ()) -> Wanted:
    """The environment of a model that scikit-learn ``sklearn`` wrote and that imports ``names``.

    ``python`` (like ``3.9``) and ``more`` (like ``lightgbm==3.3.5``) are what the caller knows better.

    Raises:
        ImportRefused: the version is not in the table, or what is asked for is no exact version.
    """
    row = _row(sklearn)
    libraries = {name.partition(".")[0] for name in names}
    pins = {"scikit-learn": sklearn, "numpy": row.numpy, "scipy": row.scipy, "joblib": row.joblib}
    if "sklearn.compose._column_transformer.ColumnTransformer" in names:
        pins["pandas"] = row.pandas
    if "lightgbm" in libraries:
        pins["lightgbm"] = row.lightgbm
    pins.update(map(_pin, more))
    if python is not None and not PYTHON.fullmatch(python):
        raise ImportRefused(f"--python {python!r} is no version of Python; write one like 3.9.")
    return Wanted((python,) if python else row.pythons, tuple(sorted(f"{name}=={pin}" for name, pin in pins.items())))


def _row(sklearn: str) -> Row:
    match = RELEASE.fullmatch(sklearn)
    row = TABLE.get(f"{match[1]}.{match[2]}") if match else None
    if row is None and match and is_readable(sklearn):
        return _here()
    if row is None:
        known = list(TABLE)
        raise ImportRefused(
            f"It was made with scikit-learn {sklearn[:40]!r}; Vaticina knows what goes with the releases "
            f"{known[0]} to {known[-1]}. Open it where it was made and save it as ONNX, or with one of these."
        )
    return row


def _here() -> Row:
    """What is installed here, for a file that could be opened here, too."""
    found = {name: version(name) for name in ("numpy", "scipy", "pandas", "joblib")}
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    lightgbm = version("lightgbm") if find_spec("lightgbm") else "4.6.0"
    return Row((python,), **found, lightgbm=lightgbm)


def _pin(text: str) -> tuple[str, str]:
    match = PIN.fullmatch(text)
    if match is None:
        raise ImportRefused(f"--with {text!r} is no exact version; write one like lightgbm==3.3.5.")
    return match[1].lower().replace("_", "-"), match[2]


def running() -> str | None:
    """The version of scikit-learn that is installed here, if any."""
    try:
        return version("scikit-learn")
    except PackageNotFoundError:
        return None


def is_readable(sklearn: str) -> bool:
    """Whether the scikit-learn installed here reads what ``sklearn`` wrote: one of the same first two numbers does.

    scikit-learn promises no more than the very same version; between its minor versions attributes come and go.
    """
    here = running()
    return here is not None and here.split(".")[:2] == sklearn.split(".")[:2]
