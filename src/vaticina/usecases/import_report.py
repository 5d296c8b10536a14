"""The report of an import, which is kept in the version: what was audited, how it is served, and what was compared."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from vaticina.usecases.row_check import RowCheck

REPORT_FILE = "import.json"
"""The file of a bundle that holds the report."""


class ImportReport(BaseModel):
    """What an import found.

    ``files`` tells of each file what the audit saw, ``versions`` the libraries that opened them, empty for those that
    are installed here. ``compiled`` says whether the version is a graph of ours; where it is not, ``reason`` says why.
    ``verification`` is the comparison with the model itself, ``check`` that on the owner's own rows.
    """

    model_config = ConfigDict(frozen=True)

    format: str
    source: str
    files: list[Any]
    versions: Any
    runtime: str
    compiled: bool
    reason: str | None = None
    verification: dict[str, Any]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    check: RowCheck | None = None

    def written(self) -> bytes:
        """The bytes of the file ``REPORT_FILE``."""
        return self.model_dump_json(indent=2).encode()
