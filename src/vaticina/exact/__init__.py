"""Models compiled to ONNX graphs in double precision, and the proof that a graph answers what its model answers."""
