"""The command, its settings, and what starts from it."""
