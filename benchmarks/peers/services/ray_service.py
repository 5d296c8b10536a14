"""medico on Ray Serve: batches of up to 64, waited for up to 5 ms; one replica, no access log."""
# mypy: disable-error-code="import-not-found, untyped-decorator, attr-defined"

import os
import sys

import joblib
import ray
from ray import serve
from ray.serve.schema import LoggingConfig
from starlette.requests import Request

LABELS = ["NO ENFERMO", "LEVE", "AGUDA", "CRONICA", "TERMINAL"]


@serve.deployment(num_replicas=1, max_ongoing_requests=256)
class Medico:
    """The model in one replica."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    @serve.batch(max_batch_size=64, batch_wait_timeout_s=0.005)
    async def predict(self, data: list[dict[str, float]]) -> list[dict[str, object]]:
        """Predicts a batch of rows."""
        rows = [[row["edad"], row["fiebre"], row["dolor"]] for row in data]
        probabilities = self.model.predict_proba(rows)
        best = probabilities.argmax(axis=1).tolist()
        return [
            {"prediccion": LABELS[label], "probabilidad": float(probabilities[index, label])}
            for index, label in enumerate(best)
        ]

    async def __call__(self, request: Request) -> dict[str, object]:
        """One request: its row joins a batch."""
        answer: dict[str, object] = await self.predict(await request.json())
        return answer


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    serve.run(
        Medico.bind(), route_prefix="/predict", logging_config=LoggingConfig(enable_access_log=False), blocking=True
    )
