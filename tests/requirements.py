"""The rows of requirements.toml, and whether their proofs passed in the last whole run.

``python -m tests.requirements [RECORD OTHER…]`` names each row with a proof that did not run or did not pass. RECORD is
that of the run just made (see tests/record.py). Others count if they are of the same commit; while one is missing, the
tests that RECORD left out are not judged.
"""

import json
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
FILE: dict[str, Any] = tomllib.loads((ROOT / "tests" / "requirements.toml").read_text(encoding="utf-8"))
ROWS: dict[str, dict[str, Any]] = {key: row for key, row in FILE.items() if key != "finished"}

LEFT_OUT = "was left out of every run"

RECORDS = [ROOT / ".pytest_cache" / name for name in ("test.json", "test-system.json")]
"""Where the Makefile keeps them."""


class Record(NamedTuple):
    """What became of the tests of one run, by their names without parameters."""

    commit: str
    outcomes: dict[str, str]
    left_out: frozenset[str]


class Verdict(NamedTuple):
    """``faults`` says of each row what is wrong with its proofs; ``waiting`` are proofs that another run judges."""

    faults: list[str]
    waiting: list[str]


def read_record(file: Path) -> Record:
    """The record in ``file``."""
    record = json.loads(file.read_bytes())
    return Record(record["commit"], record["outcomes"], frozenset(record["left_out"]))


def judge(rows: dict[str, dict[str, Any]], records: Sequence[Record], is_complete: bool) -> Verdict:
    """The proofs of ``rows`` by ``records``; ``is_complete`` says that no run is missing."""
    verdict = Verdict([], [])
    for key, row in rows.items():
        for proof in proving_tests(row):
            outcome = outcome_of(proof, records)
            if outcome == LEFT_OUT and not is_complete:
                verdict.waiting.append(proof)
            elif outcome != "passed":
                verdict.faults.append(f"{key} ({row['what']}): {proof} {outcome}")
    return verdict


def proving_tests(row: dict[str, Any]) -> list[str]:
    """The proofs of ``row`` that are tests; headings of docs/ are looked up by tests/test_requirements.py."""
    return [proof for proof in row.get("proof", []) if "::" in proof]


def outcome_of(proof: str, records: Sequence[Record]) -> str:
    """What became of ``proof``: by the first of ``records`` that ran it, or why none did."""
    for record in records:
        if proof in record.outcomes:
            return record.outcomes[proof]
    if all(proof in record.left_out for record in records):
        return LEFT_OUT
    return "did not run"


def main(files: Sequence[Path]) -> int:
    """Prints what the records in ``files`` say of the rows; 1 where a proof does not hold."""
    if not files[0].is_file():
        print(f"There is no record {files[0]}; run: make {files[0].stem}", file=sys.stderr)
        return 1
    records, absent = read_records(files)
    verdict = judge(ROWS, records, is_complete=not absent)
    for fault in verdict.faults:
        print(fault, file=sys.stderr)
    if verdict.waiting:
        runs = ", ".join(f"make {file.stem}" for file in absent)
        print(f"Left out and not judged: {len(set(verdict.waiting))} proofs; run: {runs}")
    print(f"{summary(ROWS)}; {len(verdict.faults)} proofs do not hold.")
    return 1 if verdict.faults else 0


def read_records(files: Sequence[Path]) -> tuple[list[Record], list[Path]]:
    """The records that are of the commit of the first one, and the files that hold none of it."""
    records = [read_record(files[0])]
    absent: list[Path] = []
    for file in files[1:]:
        if file.is_file() and read_record(file).commit == records[0].commit:
            records.append(read_record(file))
        else:
            absent.append(file)
    return records, absent


def summary(rows: dict[str, dict[str, Any]]) -> str:
    """How many rows are proved, partly proved, and not begun."""
    todo = sum("todo" in row for row in rows.values())
    partly = sum("partly" in row for row in rows.values())
    return f"{len(rows)} requirements: {len(rows) - todo - partly} proved, {partly} proved in part, {todo} not begun"


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in dict.fromkeys(sys.argv[1:])] or RECORDS))
