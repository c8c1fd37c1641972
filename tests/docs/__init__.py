"""Pages that promise something, held to it."""
