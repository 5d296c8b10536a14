"""Libraries whose models are not opened, and how each is saved as a file that is."""

from collections.abc import Iterable

CATBOOST = (
    'save it from CatBoost as ONNX, model.save_model("model.onnx", format="onnx"), and import that; CatBoost writes no '
    "ONNX for models with categories: turn those into numbers first, and train the model on them"
)
KERAS = (
    'save it from Keras as ONNX, model.export("model.onnx", format="onnx"), with a softmax or sigmoid as its last '
    "layer where it tells classes, and import that"
)
TORCH = (
    'save it from PyTorch as ONNX, torch.onnx.export(model, (rows,), "model.onnx"), with a softmax or sigmoid as its '
    "last layer where it tells classes, and import that"
)

ROADS = {
    "catboost": CATBOOST,
    "keras": KERAS,
    "lightning": TORCH,
    "pytorch_lightning": TORCH,
    "tensorflow": KERAS,
    "torch": TORCH,
}
"""What to do with a model, by the first name of the module of its classes."""


def road_of(names: Iterable[str]) -> str:
    """What to do with a pickle that wants ``names``, full ones of classes; empty where nothing is known to help."""
    for name in names:
        library = name.partition(".")[0]
        if library in ROADS:
            return ROADS[library]
    return ""
