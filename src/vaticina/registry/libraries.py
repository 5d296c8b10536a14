"""The versions of what a model was made with."""

import platform
from importlib.metadata import PackageNotFoundError, version

NAMES = (
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
"""Libraries that shape what a model's bytes mean."""


def python_version() -> str:
    """Like ``3.11.7``."""
    return platform.python_version()


def library_versions() -> dict[str, str]:
    """Name -> version of those that are installed."""
    return {name: found for name in NAMES if (found := _version(name))}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
