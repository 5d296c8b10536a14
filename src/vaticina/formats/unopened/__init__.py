"""Files of models that are known but not opened: of CatBoost, Keras and PyTorch, and PMML.

Each is refused with what to do instead: most of these libraries write ONNX.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vaticina.errors import ImportRefused
from vaticina.formats.adoption import Adoption, OpenedFiles
from vaticina.formats.estimators import EstimatorFormat
from vaticina.pickles.other_libraries import CATBOOST, KERAS, TORCH

OLD_XGBOOST = "load it with the XGBoost that wrote it, and save it again under a name that ends with .json"

PMML = (
    "import the model itself as its library saves it (a pickle of scikit-learn, a LightGBM or XGBoost file), or save "
    "it as ONNX"
)


@dataclass(frozen=True, slots=True)
class Unopened:
    """A kind of file: what it is called, the ends of its files' names, its first bytes, and what to do instead."""

    title: str
    suffixes: tuple[str, ...]
    heads: tuple[bytes, ...]
    road: str


KINDS = (
    Unopened("a CatBoost model", (".cbm",), (b"CBM1",), CATBOOST),
    Unopened("a Keras model", (".h5", ".hdf5", ".keras"), (b"\x89HDF\r\n\x1a\n",), KERAS),
    Unopened("a TensorFlow model", (".pb", ".tflite"), (), KERAS),
    Unopened("a PyTorch model", (".pt", ".pth", ".ckpt", ".safetensors"), (), TORCH),
    Unopened("an XGBoost model in its old binary form", (), (b"binf",), OLD_XGBOOST),
    Unopened("a PMML model", (".pmml",), (b"<?xml", b"<PMML", b"\xef\xbb\xbf<?xml"), PMML),
)
"""What files begin with: HDF5 by its specification, CatBoost as its ``save_model`` writes it."""


class UnopenedFormat(EstimatorFormat):
    """Files that are refused by name, before anything of them is read."""

    name = "unopened"
    suffixes: tuple[str, ...] = ()
    family = ""

    def recognises_file(self, name: str, head: bytes) -> bool:
        """Whether the file is of one of these kinds, by its name or its first bytes."""
        return _kind(name, head) is not None

    def open_files(self, files: Mapping[str, bytes], adoption: Adoption) -> OpenedFiles:
        """Raises ImportRefused, with what to do instead."""
        for name, data in files.items():
            kind = _kind(name, data)
            if kind is not None:
                raise ImportRefused(f"{name} is {kind.title}, which is not opened; {kind.road}.")
        return OpenedFiles({}, {})


def _kind(name: str, head: bytes) -> Unopened | None:
    """The kind of a file of this name and with these first bytes; None when it is of none."""
    for kind in KINDS:
        if name.lower().endswith(kind.suffixes) or (kind.heads and head.startswith(kind.heads)):
            return kind
    return None
