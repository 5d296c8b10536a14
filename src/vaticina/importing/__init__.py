"""Models made elsewhere: read, checked and brought into the registry."""
