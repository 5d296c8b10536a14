"""medico as a custom MLServer runtime; its batching stands in model-settings.json: 64 rows, 5 ms."""
# mypy: disable-error-code="import-not-found, misc"

import os

import joblib
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Medico(MLModel):
    """The model in the server's own process."""

    async def load(self) -> bool:
        """Loads the model."""
        self.model = joblib.load(os.environ["MODEL"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Probabilities of a batch."""
        rows = NumpyCodec.decode_input(payload.inputs[0])
        probabilities = NumpyCodec.encode_output("probabilities", self.model.predict_proba(rows))
        return InferenceResponse(model_name=self.name, outputs=[probabilities])
