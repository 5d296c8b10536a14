"""One file per noun; ``register`` is how a route comes to be."""
