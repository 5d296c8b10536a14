"""The HTTP API: routes that parse a request, call what answers it, and reply."""
