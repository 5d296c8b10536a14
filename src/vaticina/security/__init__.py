"""What keeps foreign things from doing harm."""
