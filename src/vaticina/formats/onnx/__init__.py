"""ONNX files, and the graphs that we compile."""
