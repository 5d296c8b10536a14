"""The task table: a class or a number for each row of a table."""
