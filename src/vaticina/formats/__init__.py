"""The formats of model files: how each is recognised, audited, opened, asked, compiled and loaded.

This file and each format's own ``__init__`` are light: a server imports them. What opens a stranger's files is imported
when it is asked for. A format of somebody else joins by ``register``, or by an entry point of the group
``vaticina.formats`` that names an object with the methods of ``Format``.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
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
from vaticina.formats.source import Source, file_source, folder_source
from vaticina.formats.xgboost import XGBoostFormat
from vaticina.progress import Report
from vaticina.tasks.candidate import Candidate
from vaticina.tasks.task import Task, TrainingRequest

FORMATS: dict[str, Format] = {
    format_.name: format_
    for format_ in (
        AutoGluonFormat(),
        ClusterSetFormat(),
        SkopsFormat(),
        LightGBMFormat(),
        OnnxFormat(),
        XGBoostFormat(),
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
    """Adds a format, which is asked before those there are."""
    others = {name: known for name, known in FORMATS.items() if name != new.name}
    FORMATS.clear()
    FORMATS[new.name] = new
    FORMATS.update(others)


def register_installed() -> None:
    """Adds the formats of installed packages that are not here yet."""
    for entry_point in entry_points(group=ENTRY_POINTS):
        if entry_point.name not in FORMATS:
            register(entry_point.load())


def find_source(place: Path, preprocessor: Path | None = None) -> Source:
    """The files of the model at ``place``: a file, or a folder that holds one model. Raises ImportRefused."""
    if place.is_file():
        return file_source(place, preprocessor)
    if not place.is_dir():
        raise ImportRefused(f"{place} does not exist; name a model's file, or a folder of artefacts.")
    for format_ in FORMATS.values():
        files = format_.files_of(place)
        if files:
            return Source(place, files)
    return folder_source(place)


def recognise(source: Source) -> Format:
    """The format of ``source``, by names and first bytes. Raises ImportRefused."""
    register_installed()
    for format_ in FORMATS.values():
        if format_.recognises(source):
            return format_
    raise ImportRefused(f"{source.place} is of no format that is known; save the model as ONNX.")


def whole_source(folder: Path) -> Source | None:
    """The model in ``folder``; None while it holds no whole one."""
    try:
        if not folder.is_dir():
            return None
        source = find_source(folder)
        return source if recognise(source).is_whole(source) else None
    except (ImportRefused, OSError):
        return None


def file_formats(source: Source) -> Mapping[str, FileFormat]:
    """The format of each file of ``source`` by its name, for models whose files are opened one by one."""
    formats: dict[str, FileFormat] = {}
    candidates = [format_ for format_ in FORMATS.values() if isinstance(format_, FileFormat)]
    for file in source.files:
        for format_ in candidates:
            if format_.recognises_file(file.name, source.head(file)):
                formats[source.name(file)] = format_
                break
    return formats


def format_of_family(family: str) -> Format | None:
    """The format whose models a family of runtimes serves; None when there is none."""
    for format_ in FORMATS.values():
        if format_.family == family:
            return format_
    return None


def load(bundle: Bundle, allow: frozenset[str]) -> Runtime:
    """The runtime of a bundle that holds a model as its format keeps it. Raises BundleCorrupt and PickleRefused."""
    family = bundle.manifest.runtime
    format_ = format_of_family(family)
    if format_ is None:
        register_installed()
        format_ = format_of_family(family)
    if format_ is None:
        raise BundleCorrupt(f"Version {bundle.version} needs the runtime {family!r}, which this Vaticina has not.")
    return format_.load(bundle, allow)


def check_servable(family: str, files: Mapping[str, bytes], allow: frozenset[str]) -> None:
    """Raises PickleRefused unless a server would open a bundle with these files; a compiled one always opens."""
    format_ = format_of_family(family)
    if format_ is not None:
        format_.check_files(files, allow)
