"""Files of another scikit-learn: read in an environment of that version, rebuilt here from plain data."""
