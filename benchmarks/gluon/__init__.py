"""listings: the original design beside ours."""
