"""Checks of a stranger's model: what stands in its file is looked at before a library reads it, and its arrays before C
code walks them. Nothing here imports a training library."""
