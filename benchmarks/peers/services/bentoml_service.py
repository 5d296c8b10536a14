"""medico on BentoML: adaptive batching of up to 64 rows; one worker, no access log."""
# mypy: disable-error-code="import-not-found, untyped-decorator"

import os

import bentoml
import joblib
import numpy as np


@bentoml.service(workers=1, traffic={"timeout": 60}, logging={"access": {"enabled": False}})
class Medico:
    """The model in BentoML's own process."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    @bentoml.api(batchable=True, batch_dim=0, max_batch_size=64, max_latency_ms=60_000)
    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Probabilities of a batch. Its latency limit is wide: BentoML refuses with 503 what would miss it."""
        return np.asarray(self.model.predict_proba(rows))
