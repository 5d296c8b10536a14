"""Pickle and joblib files of scikit-learn's models, audited and opened."""

from collections.abc import Mapping

from vaticina.foreign.open_pickles import open_pickles
from vaticina.formats.adoption import Adoption, OpenedFiles


def open_pickle_files(files: Mapping[str, bytes], adoption: Adoption) -> OpenedFiles:
    """The objects in ``files`` (name -> bytes), each audited before any of them is opened.

    Raises:
        PickleRefused: a file wants a name that is not listed, or is damaged.
        ForeignVersion: a file was written by another scikit-learn, and the adoption says never to isolate it.
        ImportRefused: no environment of its versions can be made, or what it holds cannot be rebuilt.
        MissingExtra: a library of the model is not installed.
    """
    opened = open_pickles(files, adoption.isolation, adoption.allow, adoption.command)
    facts = {}
    for name, examined in opened.examined.items():
        versions = sorted(examined.versions)
        facts[name] = {"file": name, "kind": "pickle", "names": list(examined.names), "scikit-learn": versions}
    return OpenedFiles(opened.objects, facts, opened.foreign, opened.libraries)
