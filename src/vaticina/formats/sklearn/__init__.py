"""Models of scikit-learn in pickle and joblib files."""
