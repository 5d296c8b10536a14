"""From a fitted scikit-learn model to an ONNX graph that answers the same, and the proof that it does."""
