"""Tables in files, read in one way by training, scoring, replay and ``data load``: CSV and Parquet."""

from vaticina.tables.open_table import open_table
from vaticina.tables.table import Table, read_table
from vaticina.tables.table_file import TableFile, TableRow

__all__ = ["Table", "TableFile", "TableRow", "open_table", "read_table"]
