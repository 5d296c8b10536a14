"""medico on mosec: batches of up to 64, waited for up to 10 ms (the default; its window starts with the first row)."""
# mypy: disable-error-code="import-not-found, misc"

import os

import joblib
from mosec import Server, Worker

LABELS = ["NO ENFERMO", "LEVE", "AGUDA", "CRONICA", "TERMINAL"]


class Medico(Worker):
    """One worker process with the model."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    def forward(self, data: list[dict[str, float]]) -> list[dict[str, object]]:
        """Predicts a batch of rows."""
        rows = [[row["edad"], row["fiebre"], row["dolor"]] for row in data]
        probabilities = self.model.predict_proba(rows)
        best = probabilities.argmax(axis=1).tolist()
        return [
            {"prediccion": LABELS[label], "probabilidad": float(probabilities[index, label])}
            for index, label in enumerate(best)
        ]


if __name__ == "__main__":
    server = Server()
    server.append_worker(Medico, num=1, max_batch_size=64, max_wait_time=10, route="/predict")
    server.run()
