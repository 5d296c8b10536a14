"""``python -m tests.tables.people``: how the library reads tables as people have them, and every column it misreads.

``--every N`` takes each N-th generated table; ``--real`` or ``--generated`` only those.
"""

import argparse

from tests.tables.people.generator import generate
from tests.tables.people.real_samples import real_tables
from tests.tables.people.run import score_tables
from tests.tables.people.score import Score


def show(name: str, score: Score) -> None:
    print(f"{name}: {len(score.tables) - len(score.refused)} of {len(score.tables)} files accepted, ", end="")
    print(f"{len(score.verdicts) - len(score.wrong)} of {len(score.verdicts)} columns right ", end="")
    print(f"({score.share_right:.1%}), {len(score.silent_losses)} silent losses")
    for table in score.refused:
        print(f"  refused  {table.table}: {table.refusal}")
    for verdict in score.silent_losses:
        print(f"  silent   {verdict}")
    for verdict in score.wrong:
        if not verdict.silent and not verdict.got.startswith("refused"):
            print(f"  wrong    {verdict}")


parser = argparse.ArgumentParser(prog="python -m tests.tables.people")
parser.add_argument("--every", type=int, default=1)
parser.add_argument("--real", action="store_true")
parser.add_argument("--generated", action="store_true")
options = parser.parse_args()
if not options.generated:
    show("real", score_tables(real_tables()))
if not options.real:
    show("generated", score_tables(list(generate())[:: options.every]))
