"""Boosters of other versions, made again from the text or document in which their library keeps a model."""

from typing import Any

from vaticina.audits.lightgbm_text import check_lightgbm
from vaticina.audits.xgboost_document import check_xgboost
from vaticina.errors import ImportRefused


def lightgbm_booster(text: str, best_iteration: int) -> Any:
    """LightGBM's booster in ``text``, which LightGBM reads of any version; ``best_iteration`` is -1 for all.

    Raises Unsound where its numbers do not fit together.
    """
    check_lightgbm(text)
    import lightgbm

    booster = lightgbm.Booster(model_str=text)
    booster.best_iteration = best_iteration
    return booster


def xgboost_booster(document: str) -> Any:
    """XGBoost's booster in a JSON ``document``.

    Raises Unsound where its numbers do not fit together, ImportRefused when the XGBoost installed here cannot read it.
    """
    check_xgboost(document.encode())
    import xgboost

    booster = xgboost.Booster()
    try:
        booster.load_model(bytearray(document, "utf-8"))
    except xgboost.core.XGBoostError as error:
        reason = str(error).strip().partition("\n")[0]
        raise ImportRefused(
            f"The XGBoost {xgboost.__version__} installed here does not read the model: {reason}; save it with "
            "save_model('model.ubj') where it was made, and import that file."
        ) from None
    return booster
