"""The libraries that Vaticina needs for some tasks only, and the command that installs them.

They are the extras of the distribution. Its own metadata say what each one holds, so a message names exactly those
libraries. It never tells anybody to install ``vaticina[…]`` by name: no index has Vaticina, and a stranger could put
something of that name there.
"""

import shlex
import sys
from importlib.metadata import requires
from importlib.util import find_spec

DISTRIBUTION = "vaticina"

EXTRA_OF = {
    "aiohttp": "replay",
    "autogluon": "autogluon",
    "boto3": "s3",
    "botocore": "s3",
    "bson": "mongodb",
    "joblib": "train",
    "lightgbm": "lightgbm",
    "onnx": "train",
    "openpyxl": "excel",
    "pandas": "train",
    "psycopg": "postgres",
    "pyarrow": "parquet",
    "pymongo": "mongodb",
    "scipy": "train",
    "skops": "skops",
    "sklearn": "train",
    "uv": "isolated",
    "xgboost": "xgboost",
    "yaml": "train",
}
"""The extra that brings a module, by the module's first name."""

SINGLE = frozenset({"lz4"})
"""Modules of no extra that some files need. The package of each has the module's name."""


def requirements(extra: str) -> list[str]:
    """The requirements of ``extra`` as pip takes them, such as ``lightgbm>=4.5``."""
    markers = (f"extra == '{extra}'", f'extra == "{extra}"')
    names = []
    for line in requires(DISTRIBUTION) or ():
        requirement, _, marker = line.partition(";")
        if marker.strip() in markers:
            names.append(requirement.strip())
    return names


def how_to_install(module: str) -> str:
    """What to do when ``module`` cannot be imported: a command for this interpreter's environment.

    An unknown module gets no command, because its package may have another name.
    """
    name = module.partition(".")[0]
    if name in SINGLE:
        packages = [name]
    elif name in EXTRA_OF:
        packages = requirements(EXTRA_OF[name])
    else:
        return f"install the package that holds the module {name}"
    return f"install it with: {shlex.join([*_installer(), *packages])}"


def _installer() -> list[str]:
    """The words of a command that installs into this environment. One that uv made has no pip of its own."""
    if find_spec("pip") is None:
        return ["uv", "pip", "install", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install"]
