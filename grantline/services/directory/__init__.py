"""People and groups: one at a time, or from a file."""
