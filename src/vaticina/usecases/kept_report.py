"""Reads the report of an import from the version that keeps it."""

from pydantic import ValidationError

from vaticina.contract import Manifest
from vaticina.errors import BundleCorrupt
from vaticina.registry import Registry
from vaticina.usecases.import_report import REPORT_FILE, ImportReport


def import_report(registry: Registry, manifest: Manifest) -> ImportReport | None:
    """The report that a version keeps; None for one that was not imported, or by an earlier Vaticina.

    Raises BundleCorrupt when it was changed, and RegistryError.
    """
    if REPORT_FILE not in manifest.files:
        return None
    try:
        return ImportReport.model_validate_json(registry.file(manifest, REPORT_FILE))
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        place = ".".join(map(str, item["loc"]))
        raise BundleCorrupt(
            f"{REPORT_FILE} of version {manifest.version} is no report of an import: {place}: {item['msg']}; "
            "update Vaticina here, or import the model again."
        ) from None
