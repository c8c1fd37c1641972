"""The production set-up, read against the code it starts."""
