"""The formats of model files: how each is recognised, audited, asked, compiled and loaded."""
