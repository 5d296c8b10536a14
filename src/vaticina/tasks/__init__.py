"""The tasks: what kind of question a model answers, and how a model for it is fitted and measured."""
