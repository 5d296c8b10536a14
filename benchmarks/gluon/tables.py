"""AutoGluon on real tables through the contract alone: `python -m benchmarks.gluon.tables`.

Each table becomes a project as anyone would make it (`vaticina init --from`), its kind is set to autogluon, and it is
trained and measured on rows that were held out, once for each seed.
"""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import yaml

from benchmarks.contenders import VATICINA, prepare
from benchmarks.data import table_file
from benchmarks.gluon.__main__ import PAGE
from benchmarks.report import table, write_into
from tests.real_tables import TABLES
from vaticina.bootstrap import Workspace
from vaticina.contract import Manifest
from vaticina.formats.autogluon import fit  # noqa: F401 -- its import is no part of the training
from vaticina.usecases.train import train

NAMES = ("adult", "bank_marketing", "online_shoppers")

MODEL = 'kind = "autogluon"\ntime_limit = 300\nparams = "params.yaml"\n'


def main() -> None:
    """Prints the table, and writes it where asked."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seeds", type=int, default=3, help="how many divisions into rows to learn from and held-out ones"
    )
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--write", action="store_true", help="put the table into the page that shows it")
    given = parser.parse_args()
    rows = [line for name in given.only for line in measured(name, given.seeds)]
    heading = ("table", "rows", "ROC-AUC held out", "by seed", "served as", "flips", "training s", "compiling s")
    text = table(heading, rows)
    print(text)
    if given.write:
        write_into(PAGE, "tables", text)


def measured(name: str, seeds: int) -> Iterator[tuple[str, ...]]:
    """The line of one table."""
    with TemporaryDirectory() as folder:
        project = made(name, Path(folder))
        runs = [trained(project, seed) for seed in range(seeds)]
    found = [run[0].metrics["roc_auc"]["value"] for run in runs]
    manifest = runs[0][0]
    yield (
        name,
        f"{manifest.data['rows']:,}",
        f"{np.mean(found):.4f}",
        ", ".join(f"{value:.4f}" for value in found),
        ", ".join(sorted({run[0].runtime for run in runs})),
        str(sum(run[0].verification.get("flips", 0) for run in runs)),
        f"{np.mean([run[1] for run in runs]):.0f}",
        f"{np.mean([run[2] for run in runs]):.0f}",
    )


def made(name: str, folder: Path) -> Path:
    """The project that `init` writes, of kind autogluon."""
    file, target = TABLES[name]
    prepare(VATICINA, "init", name, "--from", str(table_file(file)), "--target", target, folder=folder)
    settings = folder / name / "project.toml"
    before, _, after = settings.read_text(encoding="utf-8").partition("[model]\n")
    rest = after[after.index("[outputs]") :]
    settings.write_text(f"{before}[model]\n{MODEL}\n{rest}", encoding="utf-8")
    return folder / name


def trained(project: Path, seed: int) -> tuple[Manifest, float, float]:
    """The version for one seed, and the seconds until it was trained and from then until it was published."""
    (project / "params.yaml").write_text(yaml.safe_dump({"train": {"random_state": seed}}), encoding="utf-8")
    steps: dict[str, float] = {}

    def note(step: str, _: float) -> None:
        steps.setdefault(step, time.perf_counter())

    manifest = train(Workspace(project), note).manifest
    trained_at, done = steps["compiling and verifying"], steps["publishing"]
    print(
        f"{project.name} {seed}: {manifest.metrics['roc_auc']}, {manifest.runtime} {manifest.verification}", flush=True
    )
    return manifest, trained_at - steps["AutoGluon is training"], done - trained_at


if __name__ == "__main__":
    main()
