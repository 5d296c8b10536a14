"""What medico is measured beside: two floors that answer a constant, and the service as people write it by hand."""
