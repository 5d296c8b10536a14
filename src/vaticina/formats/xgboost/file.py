"""A booster read from XGBoost's own JSON or UBJSON."""

from vaticina.audits.unsound import Unsound
from vaticina.audits.xgboost_document import check_xgboost
from vaticina.errors import ImportRefused, MissingExtra


def read_booster(data: bytes, name: str) -> object:
    """The booster in ``data``, which is audited before XGBoost reads it. Raises ImportRefused and MissingExtra."""
    try:
        check_xgboost(data)
    except Unsound as reason:
        raise ImportRefused(f"{name} is no model that XGBoost reads: {reason}.") from None
    try:
        import xgboost
    except ModuleNotFoundError:
        raise MissingExtra.of("xgboost", name) from None
    booster = xgboost.Booster()
    try:
        booster.load_model(bytearray(data))
    except xgboost.core.XGBoostError as error:
        first = str(error).strip().splitlines()[0]
        raise ImportRefused(f"{name} is no model that XGBoost reads: {first}.") from None
    return booster
