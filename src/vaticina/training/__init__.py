"""From a table of data to a contract, a chosen model, honest metrics and leak suspects."""
