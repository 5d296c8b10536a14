"""From a validated request to a recorded answer."""
