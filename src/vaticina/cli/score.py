"""``vaticina score``."""

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from vaticina.cli.arguments import AsJson, open_workspace
from vaticina.cli.command import Verb
from vaticina.cli.console import emit, progress, remark, say
from vaticina.errors import ContractViolation
from vaticina.scoring import ScoringFiles, ScoringSummary
from vaticina.scoring.output_file import is_standard_output
from vaticina.usecases.score import score as score_file

app = Verb()


@app.command()
def score(
    project: Annotated[Path, typer.Argument(metavar="PROJECT", help="The project's folder.")],
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN", help="The rows to predict: a CSV, Parquet or Excel file, or - for a CSV on stdin."
        ),
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT.CSV", help="The same rows with their answers; - is stdout.")],
    version: Annotated[str, typer.Option(metavar="VERSION", help="A version, or an alias.")] = "production",
    errors: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write rows that cannot be scored here, and go on; - is stdout.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Predict every row of a CSV, Parquet or Excel file into a CSV file.

    The answer's fields become columns behind those of the file. An empty cell
    is a missing value. A row that breaks the contract stops the whole, unless
    there is a file for such rows. OUT.CSV and FILE may be pipes and devices;
    files are replaced once all is written. Nothing is recorded in the history.
    The exit code is 1 when nothing was answered.

    Example:

        vaticina score income new.csv answered.csv
        vaticina score income new.csv answered.csv --errors refused.csv
        vaticina score income - answered.csv --errors /dev/null
    """
    workspace = open_workspace(project)
    files = ScoringFiles(source, target, errors)
    begun = perf_counter()
    try:
        with progress(not as_json) as report:
            scored = score_file(workspace, files, version, report)
    except ContractViolation as error:
        for problem in error.violations:
            remark(f"{source}:{problem['line']}: {problem['message']}")
        raise
    _tell(scored, files, perf_counter() - begun, as_json)
    if not scored.rows:
        remark("Nothing was answered.")
        raise typer.Exit(1)


def _tell(scored: ScoringSummary, files: ScoringFiles, seconds: float, as_json: bool) -> None:
    """Prints the summary: on stderr when rows are on stdout."""
    to_stderr = any(is_standard_output(path) for path in (files.target, files.aside) if path)
    if as_json:
        summary = {"rows": scored.rows, "aside": scored.aside, "file": files.target, "errors": files.aside}
        emit({**summary, "seconds": seconds}, to_stderr)
        return
    write_line = remark if to_stderr else say
    write_line(f"{scored.rows} rows answered in {files.target} ({scored.rows / max(seconds, 1e-9):.0f} a second)")
    if scored.aside:
        write_line(f"{scored.aside} rows set aside in {files.aside}")
