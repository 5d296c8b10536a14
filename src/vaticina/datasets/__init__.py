"""A project's training data: rows and series, typed by its contract."""
