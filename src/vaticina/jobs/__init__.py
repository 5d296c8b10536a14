"""Work that takes longer than a request: queued, done in processes of its own, and told about."""
