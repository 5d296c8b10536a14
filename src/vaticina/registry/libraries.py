"""The versions of Python and of the libraries that a model was made with."""

import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = (
    "vaticina",
    "numpy",
    "scikit-learn",
    "scipy",
    "pandas",
    "onnx",
    "onnxruntime",
    "skl2onnx",
    "lightgbm",
    "xgboost",
    "autogluon.tabular",
)
"""Libraries that decide what a model's bytes mean."""


def python_version() -> str:
    """The version of this Python, such as ``3.11.7``."""
    return platform.python_version()


def library_versions() -> dict[str, str]:
    """Name -> version of each of ``LIBRARIES`` that is installed."""
    versions: dict[str, str] = {}
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions
