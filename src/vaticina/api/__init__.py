"""The HTTP skin: parses, calls, answers."""
