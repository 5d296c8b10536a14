"""The error of all checks in this folder."""


class Unsound(Exception):
    """Why a model is not taken, as the end of a sentence that starts with its name."""
