"""A booster read from LightGBM's own text."""

from vaticina.errors import ImportRefused, MissingExtra


def read_booster(data: bytes, name: str) -> object:
    """The booster in ``data``. Raises ImportRefused and MissingExtra."""
    try:
        import lightgbm
    except ModuleNotFoundError:
        raise MissingExtra.of("lightgbm", name) from None
    try:
        return lightgbm.Booster(model_str=data.decode("utf-8"))
    except (UnicodeDecodeError, lightgbm.basic.LightGBMError) as error:
        raise ImportRefused(f"{name} is no model that LightGBM reads: {error}.") from None
