"""The task clusters: anomalies, judged within the cluster that a row belongs to."""
