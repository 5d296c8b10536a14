"""Families of models: how each is loaded and asked."""
