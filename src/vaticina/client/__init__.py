"""A client of prediction servers: it sends rows over HTTP, and uses none of the server's own modules."""
