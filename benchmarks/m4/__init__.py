"""Kind ``window`` on the series of the M4 competition, beside the competition's own figures."""
