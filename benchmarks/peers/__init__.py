"""Other model servers, each in its best documented batching configuration, under the same protocol and model."""
