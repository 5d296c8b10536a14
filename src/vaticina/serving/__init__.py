"""Serving: how a validated request becomes a recorded answer, and how a server changes to a new version."""
