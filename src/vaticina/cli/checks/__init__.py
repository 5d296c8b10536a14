"""What ``vaticina doctor`` looks at, one file per kind of thing."""
