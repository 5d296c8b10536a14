"""A training file as a table of texts; what a text means is for the contract to say."""

import csv
import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from vaticina.contract.cells import DELIMITERS, MISSING
from vaticina.errors import DataError, MissingExtra


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of stripped texts, ``None`` where a value is missing; ``sha256`` is that of the file's bytes."""

    path: Path
    columns: dict[str, list[str | None]]
    sha256: str

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values())))


def read_table(path: Path) -> Table:
    """The table in a CSV file (UTF-8; comma, semicolon, tab or bar between cells) or a Parquet file.

    Raises:
        DataError: the file is missing, empty, not a table, has no rows, or two columns of one name.
        MissingExtra: Parquet needs a package that is not installed.
    """
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}; check the path of the data.") from None
    frame = _read_parquet(path) if path.suffix in {".parquet", ".pq"} else _read_csv(path)
    if frame.empty:
        raise DataError(f"{path} has a header but no rows; training needs data.")
    return Table(path, {str(name).strip(): _texts(frame[name]) for name in frame.columns}, digest)


def _texts(column: "pd.Series[str]") -> list[str | None]:
    return [None if text in MISSING else text for text in column.fillna("").str.strip().tolist()]


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        delimiter = _delimiter(path)
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # rows longer than the header
            return pd.read_csv(
                path, sep=delimiter, dtype=str, keep_default_na=False, encoding="utf-8-sig", index_col=False
            )
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8 text; save it as UTF-8 CSV.") from None
    except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error) as error:
        raise DataError(f"{path} is not a regular table: {str(error).strip()}.") from None


def _delimiter(path: Path) -> str:
    """The delimiter that cuts the header into most names. Raises DataError for a bad header."""
    headers = [_header(path, delimiter) for delimiter in DELIMITERS]
    best = max(range(len(DELIMITERS)), key=lambda at: len(headers[at]))
    names = [name.strip() for name in headers[best] if name.strip()]
    if not names:
        raise DataError(f"{path} is empty; the first line must name the columns.")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(
            f"{path}: the header names {', '.join(map(repr, repeated))} more than once; rename one of them."
        )
    return DELIMITERS[best]


def _header(path: Path, delimiter: str) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return next(csv.reader(lines, delimiter=delimiter), [])


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(path)
    except ImportError:
        raise MissingExtra.of("pyarrow", f"{path}, a Parquet file,") from None
    except (ValueError, OSError) as error:
        raise DataError(f"{path} is not a Parquet file: {error}.") from None
    return frame.astype(object).where(frame.notna(), "").astype(str)
