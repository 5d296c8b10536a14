"""The task window: the next values of a series from its last ones."""
