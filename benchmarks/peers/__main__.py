"""medico as shipped beside other model servers: `python -m benchmarks.peers`."""

from benchmarks import contenders
from benchmarks.bars import PEERS
from benchmarks.contenders import Builder
from benchmarks.peers import builders
from benchmarks.session import main

BUILDERS: dict[str, Builder] = {
    "bare": contenders.bare,
    "medico": contenders.medico,
    "mosec": builders.mosec,
    "mlserver": builders.mlserver,
    "litserve": builders.litserve,
    "bentoml": builders.bentoml,
    "ray": builders.ray,
    "mlflow": builders.mlflow,
}

if __name__ == "__main__":
    main(BUILDERS, PEERS, "peers", __doc__)
