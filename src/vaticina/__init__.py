"""Vaticina: from data and a contract to a served, recorded prediction."""

__version__ = "0.1.0"
