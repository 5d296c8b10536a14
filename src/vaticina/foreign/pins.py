"""Which libraries, and which Python, go with a version of scikit-learn."""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from vaticina.errors import ImportRefused
from vaticina.foreign.xgboost_version import installed_xgboost


@dataclass(frozen=True, slots=True)
class Release:
    """The versions of the other libraries that were current with a version of scikit-learn; each has wheels.

    ``pythons`` are those that all of them run on, the likeliest first.
    """

    pythons: tuple[str, ...]
    numpy: str
    scipy: str
    pandas: str
    joblib: str
    lightgbm: str
    xgboost: str


RELEASES: dict[str, Release] = {
    "0.22": Release(("3.8",), "1.18.5", "1.4.1", "1.0.5", "0.14.1", "2.3.1", "1.0.2"),
    "0.23": Release(("3.8",), "1.19.5", "1.5.4", "1.1.5", "0.17.0", "3.1.1", "1.2.1"),
    "0.24": Release(("3.9", "3.8"), "1.19.5", "1.6.3", "1.2.5", "1.0.1", "3.2.1", "1.3.3"),
    "1.0": Release(("3.10", "3.9", "3.8"), "1.22.4", "1.8.1", "1.4.4", "1.1.1", "3.3.5", "1.5.2"),
    "1.1": Release(("3.10", "3.9", "3.11", "3.8"), "1.23.5", "1.9.3", "1.5.3", "1.2.0", "3.3.5", "1.6.2"),
    "1.2": Release(("3.11", "3.10", "3.9", "3.8"), "1.24.4", "1.10.1", "1.5.3", "1.2.0", "3.3.5", "1.7.6"),
    "1.3": Release(("3.11", "3.12", "3.10", "3.9"), "1.26.4", "1.11.4", "2.1.4", "1.3.2", "4.1.0", "2.0.3"),
    "1.4": Release(("3.11", "3.12", "3.10", "3.9"), "1.26.4", "1.12.0", "2.2.3", "1.4.2", "4.3.0", "2.0.3"),
    "1.5": Release(("3.12", "3.11", "3.10", "3.9"), "2.0.2", "1.13.1", "2.2.3", "1.4.2", "4.5.0", "2.1.4"),
    "1.6": Release(("3.12", "3.11", "3.10", "3.9"), "2.0.2", "1.13.1", "2.2.3", "1.4.2", "4.6.0", "2.1.4"),
    "1.7": Release(("3.12", "3.13", "3.11", "3.10"), "2.2.6", "1.15.3", "2.3.3", "1.5.2", "4.6.0", "3.0.5"),
    "1.8": Release(("3.12", "3.13", "3.11"), "2.3.5", "1.16.3", "2.3.3", "1.5.2", "4.6.0", "3.1.2"),
}
"""By the first two numbers of scikit-learn's version."""

TABLED = frozenset({"sklearn.compose._column_transformer.ColumnTransformer"})
"""Names that take a data frame, also where they were fitted to none."""

BOOSTERS = frozenset({"lightgbm", "xgboost"})
"""Libraries whose models tell the names of their columns by themselves."""

BESIDE_XGBOOST = {"0": "0.24.2", "1": "1.2.2", "2": "1.5.2", "3": "1.7.2"}
"""The first number of XGBoost's version -> a scikit-learn of its time."""

RELEASE = re.compile(r"(\d+)\.(\d+)(\.\d+)?(\.post\d+)?")
PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==(\d[A-Za-z0-9._+!]*)")
PYTHON = re.compile(r"3\.\d{1,2}")


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """What an environment holds: ``pins`` are ``name==version``, sorted; ``pythons`` what may run it, best first."""

    pythons: tuple[str, ...]
    pins: tuple[str, ...]


def environment_spec(
    sklearn: str,
    names: Iterable[str],
    python: str | None = None,
    more: Sequence[str] = (),
    *,
    fitted_to_table: bool = False,
    xgboost: str | None = None,
) -> EnvironmentSpec:
    """The environment for a model that scikit-learn ``sklearn`` wrote and that imports ``names``.

    ``fitted_to_table``: a part of it knows the columns of a data frame, so it is asked with one. ``xgboost`` is the
    version that wrote its boosters. ``python`` (like ``3.9``) and ``more`` (like ``lightgbm==3.3.5``) overrule
    the table.

    Raises:
        ImportRefused: the version is not in the table, or what is asked for is no exact version.
    """
    release = _release(sklearn)
    libraries = {name.partition(".")[0] for name in names}
    versions = {"scikit-learn": sklearn, "numpy": release.numpy, "scipy": release.scipy, "joblib": release.joblib}
    if "lightgbm" in libraries:
        versions["lightgbm"] = release.lightgbm
    if "xgboost" in libraries:
        versions["xgboost"] = xgboost or release.xgboost
    if fitted_to_table or TABLED.intersection(names) or BOOSTERS.intersection(libraries):
        versions["pandas"] = release.pandas
    versions.update(map(_parsed_pin, more))
    pythons = release.pythons
    if python is not None:
        if not PYTHON.fullmatch(python):
            raise ImportRefused(f"--python {python!r} is no version of Python; write one like 3.9.")
        pythons = (python,)
    return EnvironmentSpec(pythons, tuple(sorted(map("==".join, versions.items()))))


def sklearn_beside(xgboost: str | None) -> str | None:
    """A version of scikit-learn that goes with XGBoost ``xgboost``, for a file that names none; None for today's."""
    return BESIDE_XGBOOST.get((xgboost or "").partition(".")[0])


def is_known_spec(spec: EnvironmentSpec, more: Sequence[str] = ()) -> bool:
    """Whether ``spec`` holds nothing but exact versions of the table's libraries, and of those that ``more`` pins."""
    libraries = {"scikit-learn"}
    for field in fields(Release):
        libraries.add(field.name)
    for pin in more:
        libraries.add(_parsed_pin(pin)[0])
    for pin in spec.pins:
        match = PIN.fullmatch(pin)
        if match is None or match[1] not in libraries:
            return False
    return all(map(PYTHON.fullmatch, spec.pythons))


def _release(sklearn: str) -> Release:
    """The row of the table for a version. Raises ImportRefused."""
    match = RELEASE.fullmatch(sklearn)
    if match is not None:
        release = RELEASES.get(f"{match[1]}.{match[2]}")
        if release is not None:
            return release
        if is_readable(sklearn):
            return _installed_release()
    first, *_, last = RELEASES
    raise ImportRefused(
        f"It was made with scikit-learn {sklearn[:40]!r}; Vaticina knows what goes with the releases "
        f"{first} to {last}. Open it where it was made and save it as ONNX, or with one of these."
    )


def _installed_release() -> Release:
    """The versions installed here, for a file that they could read."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    lightgbm = version("lightgbm") if find_spec("lightgbm") else "4.6.0"
    xgboost = installed_xgboost() or "3.2.0"
    numeric = version("numpy"), version("scipy"), version("pandas"), version("joblib")
    return Release((python,), *numeric, lightgbm, xgboost)


def _parsed_pin(text: str) -> tuple[str, str]:
    """The library and the version of ``text``. Raises ImportRefused."""
    match = PIN.fullmatch(text)
    if match is None:
        raise ImportRefused(f"--with {text!r} is no exact version; write one like lightgbm==3.3.5.")
    return match[1].lower().replace("_", "-"), match[2]


def installed_sklearn() -> str | None:
    """The version of scikit-learn that is installed here; None when there is none."""
    try:
        return version("scikit-learn")
    except PackageNotFoundError:
        return None


def is_readable(sklearn: str) -> bool:
    """Whether the scikit-learn installed here reads what the version ``sklearn`` wrote.

    It does when the first two numbers are the same. scikit-learn itself promises only the very same version; between
    its minor versions attributes come and go.
    """
    installed = installed_sklearn()
    return installed is not None and installed.split(".")[:2] == sklearn.split(".")[:2]
