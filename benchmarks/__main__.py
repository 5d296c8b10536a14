"""medico as shipped beside the floors and the hand-written service: `python -m benchmarks`."""

from benchmarks import contenders
from benchmarks.bars import FAST_PATH, FOUNDATION
from benchmarks.contenders import Builder
from benchmarks.session import main

BUILDERS: dict[str, Builder] = {
    "bare": contenders.bare,
    "fastapi": contenders.fastapi,
    "handwritten": contenders.handwritten,
    "medico": contenders.medico,
}

if __name__ == "__main__":
    main(BUILDERS, (*FOUNDATION, *FAST_PATH), "serving", __doc__)
