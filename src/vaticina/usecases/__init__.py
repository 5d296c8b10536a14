"""What people do with a project: train, import, release, score, replay, pull."""
