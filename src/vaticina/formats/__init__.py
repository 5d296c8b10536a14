"""The formats of model files: how each is recognised, audited, opened, compiled and loaded.

This file and each format's own ``__init__`` are light: a server imports them. What opens a stranger's files is imported
when it is asked for. A format of somebody else joins by an entry point of the group ``vaticina.formats`` that names an
object with the attributes and methods of ``Format``; by ``register`` it joins this process alone, and an import opens
files in another.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from vaticina.contract import Bundle, Runtime
from vaticina.errors import BundleCorrupt, ImportRefused
from vaticina.formats.adoption import FileFormat
from vaticina.formats.autogluon import AutoGluonFormat
from vaticina.formats.cluster_set import ClusterSetFormat
from vaticina.formats.format import Format
from vaticina.formats.lightgbm import LightGBMFormat
from vaticina.formats.onnx import OnnxFormat
from vaticina.formats.sklearn import PickleFormat
from vaticina.formats.skops import SkopsFormat
from vaticina.formats.source import Source, file_source, files_named, list_names, select_model_files
from vaticina.formats.unopened import UnopenedFormat
from vaticina.formats.xgboost import XGBoostFormat
from vaticina.progress import Report
from vaticina.tasks.candidate import Candidate
from vaticina.tasks.task import Task, TrainingRequest

log = logging.getLogger("vaticina")

FORMATS: dict[str, Format] = {
    format_.name: format_
    for format_ in (
        AutoGluonFormat(),
        ClusterSetFormat(),
        LightGBMFormat(),
        OnnxFormat(),
        XGBoostFormat(),
        UnopenedFormat(),
        SkopsFormat(),
        PickleFormat(),
    )
}
"""Every format by its name, in the order in which they are asked: the last one takes what no other recognises."""

Train = Callable[[Task, TrainingRequest, Report], Candidate]

TRAINERS: dict[str, Train] = {"autogluon": AutoGluonFormat().train}
"""Who trains the kinds of ``[model] kind`` that a format fits instead of the task."""

ENTRY_POINTS = "vaticina.formats"
"""The group of entry points by which other packages add formats."""


def register(new: Format) -> None:
    """Adds a format, which is asked before those there are, and replaces one of the same name."""
    others = dict(FORMATS)
    others.pop(new.name, None)
    FORMATS.clear()
    FORMATS[new.name] = new
    FORMATS.update(others)


@cache
def register_installed() -> None:
    """Adds the formats of installed packages whose names are not taken. Does nothing when it is called again."""
    for entry_point in entry_points(group=ENTRY_POINTS):
        if entry_point.name not in FORMATS:
            _register_entry_point(entry_point)


def _register_entry_point(entry_point: EntryPoint) -> None:
    """Adds the format that ``entry_point`` names. One that cannot be loaded is left out, and the log says why."""
    try:
        format_ = entry_point.load()
        if not isinstance(format_, Format):
            raise TypeError(f"{entry_point.value} lacks attributes or methods of vaticina.formats.format.Format")
    except Exception as error:  # a package of somebody else raises what it pleases
        log.warning(
            "the format %s is left out: %s: %s; install what it needs, or uninstall its package",
            entry_point.name,
            type(error).__name__,
            error,
        )
        return
    register(format_)


def all_formats() -> list[Format]:
    """Every format, those of installed packages included, in the order in which they are asked."""
    register_installed()
    return list(FORMATS.values())


def find_source(place: Path, preprocessor: Path | None = None) -> Source:
    """The files of the model at ``place``: a file, or a folder that holds one model. Raises ImportRefused."""
    if place.is_file():
        return file_source(place, preprocessor)
    if not place.is_dir():
        raise ImportRefused(f"{place} does not exist; name a model's file, or a folder of artefacts.")
    if preprocessor is not None:
        raise ImportRefused(f"A preprocessor stands before one model's file, and {place} is a folder; name the file.")
    return Source(place, files_named(place, select_names(list_names(place), str(place))))


def select_names(names: Collection[str], place: str) -> Collection[str]:
    """Those of the ``names`` at ``place``, a folder or a bucket, that together are one model.

    A name that ends with ``/`` is a folder's, and stands for all files in it. Raises ImportRefused when there is no
    model, or more than one.
    """
    names_of_many = select_many(names)
    if names_of_many:
        return names_of_many
    return select_model_files(names, model_suffixes(), place)


def select_many(names: Collection[str]) -> Collection[str]:
    """Those of a folder's ``names`` that are a model of a format of many files; none when there is no such model."""
    for format_ in all_formats():
        selected = format_.files_among(names)
        if selected:
            return selected
    return ()


def model_suffixes() -> tuple[str, ...]:
    """The ends of names of the files that may be a model, or its preprocessor."""
    suffixes: list[str] = []
    for format_ in all_formats():
        suffixes += format_.suffixes
    return tuple(suffixes)


def recognise(source: Source) -> Format:
    """The format of ``source``, by names and first bytes. Raises ImportRefused."""
    for format_ in all_formats():
        if format_.recognises(source):
            return format_
    raise ImportRefused(f"{source.place} is of no format that is known; save the model as ONNX.")


def is_whole(source: Source) -> bool:
    """Whether no file of the model is seen to be missing. Raises ImportRefused when it is of no format."""
    return recognise(source).is_whole(source)


def file_formats(source: Source) -> Mapping[str, FileFormat]:
    """The format of each file of ``source`` by its name, for models whose files are opened one by one."""
    formats: dict[str, FileFormat] = {}
    for file in source.files:
        format_ = _file_format(file.name, source.head(file))
        if format_ is not None:
            formats[source.name(file)] = format_
    return formats


def _file_format(name: str, head: bytes) -> FileFormat | None:
    """The format that opens a file of this name and with these first bytes; None when none does."""
    for format_ in all_formats():
        if isinstance(format_, FileFormat) and format_.recognises_file(name, head):
            return format_
    return None


def format_of_family(family: str) -> Format | None:
    """The format whose models a family of runtimes serves; None when there is none."""
    for format_ in all_formats():
        if format_.family == family:
            return format_
    return None


def load(bundle: Bundle, allow: frozenset[str]) -> Runtime:
    """The runtime of a bundle that holds a model as its format keeps it. Raises BundleCorrupt and PickleRefused."""
    family = bundle.manifest.runtime
    format_ = format_of_family(family)
    if format_ is None:
        raise BundleCorrupt(
            f"Version {bundle.version} needs the runtime {family!r}, which is not installed here; install the package "
            "that adds it, or promote another version."
        )
    return format_.load(bundle, allow)


def check_servable(family: str, files: Mapping[str, bytes], allow: frozenset[str]) -> None:
    """Raises PickleRefused unless a server would open a bundle with these files; a compiled one always opens."""
    format_ = format_of_family(family)
    if format_ is not None:
        format_.check_files(files, allow)
