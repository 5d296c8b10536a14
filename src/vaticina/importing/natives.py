"""The files in which LightGBM and XGBoost themselves save a model: data, no code."""

from typing import Any

from vaticina.errors import ImportRefused, MissingExtra


def lightgbm_text(data: bytes, name: str, _: frozenset[str]) -> Any:
    """The booster in LightGBM's text. Raises ImportRefused and MissingExtra."""
    try:
        import lightgbm
    except ModuleNotFoundError:
        raise MissingExtra.of("lightgbm", name) from None
    try:
        return lightgbm.Booster(model_str=data.decode("utf-8"))
    except (UnicodeDecodeError, lightgbm.basic.LightGBMError) as error:
        raise ImportRefused(f"{name} is no model that LightGBM reads: {error}.") from None


def xgboost_file(data: bytes, name: str, _: frozenset[str]) -> Any:
    """The booster in XGBoost's JSON or UBJSON. Raises ImportRefused and MissingExtra."""
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
