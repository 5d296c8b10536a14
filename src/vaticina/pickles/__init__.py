"""The audit of pickles: what one would import and call, read without executing it, and the list of what may be."""
