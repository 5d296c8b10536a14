"""Workbooks for tests: of values, as openpyxl writes them, and of chosen parts, as no program would."""

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import openpyxl

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(path: Path, rows: Iterable[Sequence[object]], formats: Mapping[str, str] | None = None) -> Path:
    """A workbook with one sheet of ``rows``; ``formats`` are number formats by cell, such as ``B2``."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    book.save(path)
    return path


def with_part(path: Path, name: str, content: bytes) -> Path:
    """The workbook ``path`` with another ``content`` of its part ``name``."""
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    parts[name] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in parts.items():
            archive.writestr(part, text)
    return path


def sheet_xml(rows: str) -> bytes:
    """A worksheet part whose ``sheetData`` holds ``rows``."""
    return f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'.encode()
