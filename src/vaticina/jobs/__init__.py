"""Jobs: work that takes longer than a request. They are queued, run in processes of their own and can be followed."""
