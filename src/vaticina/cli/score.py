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
from vaticina.usecases.score import score as score_file

app = Verb()


@app.command()
def score(
    project: Annotated[Path, typer.Argument(metavar="PROJECT", help="The project's folder.")],
    source: Annotated[Path, typer.Argument(metavar="IN", help="The rows to predict: a CSV or Parquet file.")],
    target: Annotated[Path, typer.Argument(metavar="OUT.CSV", help="The same rows with their answers.")],
    version: Annotated[str, typer.Option(metavar="VERSION", help="A version, or an alias.")] = "production",
    errors: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write rows that cannot be scored here, and go on.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Predict every row of a CSV or Parquet file into a CSV file.

    The answer's fields become columns behind those of the file. An empty cell
    is a missing value. A row that breaks the contract stops the whole, unless
    there is a file for such rows. Nothing is recorded in the history.

    Example:

        vaticina score income new.csv answered.csv
        vaticina score income new.csv answered.csv --errors refused.csv
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


def _tell(scored: ScoringSummary, files: ScoringFiles, seconds: float, as_json: bool) -> None:
    if as_json:
        emit(
            {
                "rows": scored.rows,
                "aside": scored.aside,
                "file": files.target,
                "errors": files.aside,
                "seconds": seconds,
            }
        )
        return
    say(f"{scored.rows} rows answered in {files.target} ({scored.rows / max(seconds, 1e-9):.0f} a second)")
    if scored.aside:
        say(f"{scored.aside} rows set aside in {files.aside}")
