"""The audit of pickles: reads one without executing it, and opens it only when all that it imports is on a list."""
