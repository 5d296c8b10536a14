"""A booster read from LightGBM's own text."""

from vaticina.audits.lightgbm_text import check_lightgbm
from vaticina.audits.unsound import Unsound
from vaticina.errors import ImportRefused, MissingExtra


def read_booster(data: bytes, name: str) -> object:
    """The booster in ``data``, which is audited before LightGBM reads it. Raises ImportRefused and MissingExtra."""
    try:
        text = data.decode()
        check_lightgbm(text)
    except (UnicodeDecodeError, Unsound) as reason:
        raise ImportRefused(f"{name} is no model that LightGBM reads: {reason}.") from None
    try:
        import lightgbm
    except ModuleNotFoundError:
        raise MissingExtra.of("lightgbm", name) from None
    try:
        return lightgbm.Booster(model_str=text)
    except lightgbm.basic.LightGBMError as error:
        raise ImportRefused(f"{name} is no model that LightGBM reads: {error}.") from None
