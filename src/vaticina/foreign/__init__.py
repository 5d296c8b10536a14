"""Model files of other scikit-learn versions: read by an interpreter of that version, rebuilt here from plain data."""
