"""The report of an import as people read it: two columns of texts."""

from collections.abc import Mapping
from typing import Any

from vaticina.usecases.import_report import ImportReport
from vaticina.usecases.row_check import RowCheck


def import_lines(report: ImportReport) -> list[tuple[str, str]]:
    """What was audited, how the model is served and why, what was compared, and what should be known of it."""
    lines = [("source", report.source), ("format", report.format)]
    for file in report.files:
        lines.append(("file", _file(file)))
    lines.append(("opened with", _versions(report.versions)))
    lines.append(("served", _served(report)))
    lines.append(("compared", _compared(report.verification)))
    for warning in report.warnings:
        lines.append(("warning", warning))
    for note in report.notes:
        lines.append(("note", note))
    if report.check is not None:
        lines += _check_lines(report.check)
    return lines


def _file(file: Any) -> str:
    """A file with what the audit saw in it: a table of facts, or its name alone."""
    if not isinstance(file, Mapping):
        return str(file)
    facts = []
    for name, fact in file.items():
        if name == "names":
            facts.append(f"imports {', '.join(fact) or 'nothing'}")
        elif name != "file" and fact:
            facts.append(f"{name} {_text(fact)}")
    return f"{file.get('file', '')}: {'; '.join(facts)}" if facts else str(file.get("file", ""))


def _text(fact: Any) -> str:
    return ", ".join(map(str, fact)) if isinstance(fact, list) else str(fact)


def _versions(versions: Any) -> str:
    """The libraries that opened the files."""
    if not versions:
        return "the versions installed here"
    if isinstance(versions, Mapping):
        return ", ".join(f"{name} {version}" for name, version in versions.items())
    return str(versions)


def _served(report: ImportReport) -> str:
    if report.compiled:
        return "compiled to a graph that answers as the model itself"
    if report.reason:
        return f"by the runtime {report.runtime}: {report.reason}"
    return f"by the runtime {report.runtime}"


def _compared(verification: Mapping[str, Any]) -> str:
    """The numbers of the comparison; nested ones are for --json."""
    facts = []
    for name, fact in verification.items():
        if isinstance(fact, int | float) and not isinstance(fact, bool):
            facts.append(f"{name.replace('_', ' ')} {fact}")
    return ", ".join(facts) or "with nothing"


def _check_lines(check: RowCheck) -> list[tuple[str, str]]:
    lines = [("check", f"{check} ({check.table}, against {' and '.join(check.against)})")]
    for refusal in check.refusals:
        lines.append(("refused", f"line {refusal.line}: {refusal.message}"))
    return lines
