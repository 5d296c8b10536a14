"""medico on LitServe: batches of up to 64, waited for up to 5 ms; one API server, one worker, no access log."""
# mypy: disable-error-code="import-not-found, misc"

import os
import sys

import joblib
import litserve
import numpy as np

LABELS = ["NO ENFERMO", "LEVE", "AGUDA", "CRONICA", "TERMINAL"]


class Medico(litserve.LitAPI):
    """The model behind LitServe's queue."""

    def setup(self, device: str) -> None:
        """Loads the model in the worker."""
        del device
        self.model = joblib.load(os.environ["MODEL"])

    def decode_request(self, request: dict[str, float]) -> list[float]:
        """One row from one body."""
        return [request["edad"], request["fiebre"], request["dolor"]]

    def batch(self, inputs: list[list[float]]) -> np.ndarray:
        """One matrix from many rows."""
        return np.asarray(inputs)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Probabilities of a batch."""
        return np.asarray(self.model.predict_proba(x))

    def unbatch(self, output: np.ndarray) -> list[np.ndarray]:
        """Probabilities, row by row."""
        return list(output)

    def encode_response(self, output: np.ndarray) -> dict[str, object]:
        """The answer of one row."""
        best = int(output.argmax())
        return {"prediccion": LABELS[best], "probabilidad": float(output[best])}


if __name__ == "__main__":
    api = Medico(max_batch_size=64, batch_timeout=0.005)
    litserve.LitServer(api, accelerator="cpu", workers_per_device=1).run(
        host="127.0.0.1",
        port=int(sys.argv[1]),
        num_api_servers=1,
        log_level="warning",
        access_log=False,
        generate_client_file=False,
    )
