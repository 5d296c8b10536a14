"""Sets of files that together are one model of anomalies within clusters."""
