"""The routes behind the front app, one file per noun; each is added by ``register``."""
