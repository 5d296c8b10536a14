"""Models of scikit-learn in skops files."""
