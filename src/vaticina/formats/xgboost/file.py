"""A booster read from XGBoost's own JSON or UBJSON."""

from vaticina.errors import ImportRefused, MissingExtra


def read_booster(data: bytes, name: str) -> object:
    """The booster in ``data``. Raises ImportRefused and MissingExtra."""
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
