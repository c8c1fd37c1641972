"""Things die here, and nothing is lost."""
