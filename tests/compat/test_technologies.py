"""The requirements.txt of each example brings the libraries that its document names."""

from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.compat.terminal import ROOT

EXAMPLES = ROOT / "src" / "vaticina" / "examples"


def brought(requirement: Requirement) -> set[str]:
    """The distributions that pip installs for ``requirement``, by the metadata of those installed here."""
    names: set[str] = set()
    waiting = [requirement]
    while waiting:
        wanted = waiting.pop()
        names.add(canonicalize_name(wanted.name))
        for text in requires(wanted.name) or ():
            needed = Requirement(text)
            if is_needed(needed, wanted.extras) and canonicalize_name(needed.name) not in names:
                waiting.append(needed)
    return names


def is_needed(needed: Requirement, extras: set[str]) -> bool:
    """Whether a distribution that is asked for with ``extras`` needs ``needed`` on this machine."""
    return needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras))


@pytest.mark.parametrize(
    ("example", "libraries"),
    [
        ("contugas", {"fastapi", "scikit-learn", "joblib", "boto3", "pandas", "numpy", "uvicorn"}),
        ("series", {"fastapi", "uvicorn", "pydantic", "pymongo", "numpy", "scikit-learn"}),
        ("churn", {"lightgbm", "scikit-learn", "fastapi", "uvicorn", "pandas"}),
        ("listings", {"fastapi", "uvicorn", "autogluon-tabular", "aiohttp", "pandas", "pyarrow"}),
        ("medico", {"fastapi", "pydantic", "sqlalchemy", "uvicorn", "joblib", "numpy", "scikit-learn"}),
    ],
)
def test_requirements_bring_the_documented_libraries(example: str, libraries: set[str]) -> None:
    """Those of the file, and those of Vaticina itself, which is installed before."""
    lines = (EXAMPLES / example / "requirements.txt").read_text(encoding="utf-8").splitlines()
    installed = brought(Requirement("vaticina"))
    for line in lines:
        if not line.startswith("#"):
            installed |= brought(Requirement(line))
    assert libraries <= installed
