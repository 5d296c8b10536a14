"""Whether a server will open a version: asked of its files before they are published."""

from collections.abc import Mapping

from vaticina.formats.autogluon.audit import PICKLES, audited
from vaticina.pickles.audit import load_pickle

GLUON = "autogluon"
"""The family whose pickles a process of its own opens, with more names."""


def check_openable(runtime: str, files: Mapping[str, bytes], allow: frozenset[str] = frozenset()) -> None:
    """Reads, and opens, the pickles among ``files`` as serving the family ``runtime`` will.

    ``allow`` are more exact ``module.Class`` names, those that the server is told too.

    Raises:
        PickleRefused: one of them wants another name, does what no model needs, or cannot be opened.
    """
    if runtime == GLUON:
        audited(files, allow)
        return
    for name, data in files.items():
        if name.endswith(PICKLES):
            load_pickle(data, "the model, which is not compiled,", allow)
