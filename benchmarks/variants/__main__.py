"""medico in other ways of running it, and a second model: `python -m benchmarks.variants`."""

from benchmarks import contenders
from benchmarks.bars import VARIANTS
from benchmarks.contenders import Builder
from benchmarks.session import main
from benchmarks.variants import builders
from benchmarks.variants.mixed import builders as mixed

BUILDERS: dict[str, Builder] = {
    "medico": contenders.medico,
    "sync-loop": builders.sync_loop,
    "sync-floor": builders.sync_floor,
    "medico-sync": builders.sync,
    "medico-postgres": builders.postgres,
    "medico-1worker": builders.on_both_cores(1),
    "medico-2workers": builders.on_both_cores(2),
    "slow-1worker": builders.slow(1),
    "slow-2workers": builders.slow(2),
    "mixed-bare": mixed.bare,
    "mixed-fastapi": mixed.fastapi,
    "mixed-handwritten": mixed.handwritten,
    "mixed": mixed.mixed,
}

if __name__ == "__main__":
    main(BUILDERS, VARIANTS, "variants", __doc__)
