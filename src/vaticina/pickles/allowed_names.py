"""The names that a user allows beside the list, by ``--allow`` or ``[import] allow``, and those that nobody can allow.

An allowed class may be called with any arguments. So a name that runs code, starts processes, opens files or imports
modules is refused whoever allows it: no model needs one. It is decided by the module, since new functions join old
modules.
"""

import re
import sys
from collections.abc import Iterable, Sequence

from vaticina.errors import PickleRefused
from vaticina.pickles.allowlist import NAMES, canonical
from vaticina.pickles.stand_in_names import STAND_INS

DATA_MODULES = frozenset({"collections", "datetime", "decimal", "enum", "fractions", "pathlib", "uuid", "zoneinfo"})
"""The modules of the standard library whose classes hold data only; those of all others are refused."""

OLD_MODULES = frozenset(
    {"UserDict", "__builtin__", "__main__", "commands", "copy_reg", "cPickle", "exceptions", "imp", "nt", "popen2"}
)
"""Modules of Python 2, of Windows, and of the program itself, which the standard library here does not name."""

CODE_MODULES = (
    *("IPython", "_pytest", "aiohttp", "boto3", "cffi", "cloudpickle", "dask", "dill", "distributed", "execnet"),
    *("fsspec", "httpx", "jinja2", "joblib", "jsonpickle", "loky", "mako", "numba", "obstore", "onnxruntime"),
    *("paramiko", "pexpect", "pip", "pkg_resources", "psutil", "ptyprocess", "py", "pymongo", "pytest", "ray"),
    *("requests", "setuptools", "skops", "sqlalchemy", "sympy", "tensorflow.python", "torch.hub", "torch.jit"),
    *("torch.package", "torch.serialization", "torch.utils", "urllib3", "uv", "vaticina"),
    *("numpy.compat", "numpy.core", "numpy.ctypeslib", "numpy.distutils", "numpy.f2py", "numpy.lib", "numpy.testing"),
    *("numpy._core", "pandas.compat", "pandas.core.common", "pandas.core.computation", "pandas.io", "pandas.util"),
    *(
        "scipy._lib",
        "scipy.io",
        "sklearn.datasets",
        "sklearn.externals",
        "sklearn.utils.fixes",
        "sklearn.utils.parallel",
    ),
)
"""Modules of other packages that run code, read files or speak to other machines, with all modules within them."""

NUMPY_TYPE = re.compile(r"u?int\d*|float\d*|complex\d*|bool_?|str_|bytes_|datetime64|timedelta64")
"""The names of numpy itself that are types of numbers and texts."""

FORMAT_NAME = re.compile(r"onnx:[\w.]+")
"""An operator of ONNX files, which ``--allow`` takes too: ``onnx:Loop``."""


def check_allowed(names: Iterable[str]) -> None:
    """Raises PickleRefused for the first of ``names`` that nobody can allow."""
    for name in sorted(names):
        reason = reason_against(name)
        if reason:
            raise PickleRefused(f"{name} cannot be allowed: {reason}; leave it out of --allow and of [import] allow.")


FEW = 3
"""Names that are not listed and that somebody may know. A file that wants more is no model that we read."""


def advice_on(names: Sequence[str]) -> str:
    """What a user may do about ``names`` that are not listed, as the end of a sentence; empty if there is nothing."""
    if len(names) > FEW or any(map(reason_against, names)):
        return ""
    options = " ".join(f"--allow {name[:200]}" for name in names)
    return f"if you know what it is and trust it, add {options}"


def reason_against(name: str) -> str:
    """Why ``name`` cannot be allowed, as the end of a sentence; empty when it can be."""
    is_listed = canonical(name) in NAMES and name not in STAND_INS  # of those, nothing is opened
    if FORMAT_NAME.fullmatch(name) or is_listed:
        return ""
    module, _, last = name.rpartition(".")
    root = name.partition(".")[0]
    if root in sys.stdlib_module_names and root not in DATA_MODULES:
        return f"the module {root} is a part of Python that a model's data never need"
    if root in OLD_MODULES:
        return f"the module {root} holds code, and no model's data"
    for code_module in CODE_MODULES:
        if f"{name}.".startswith(f"{code_module}."):
            return f"the module {code_module} runs code, or reads and writes files"
    if module == "pandas":
        return "the module pandas itself holds functions only"
    if module == "numpy" and not NUMPY_TYPE.fullmatch(last):
        return "of numpy itself only types of numbers can be allowed"
    return ""
