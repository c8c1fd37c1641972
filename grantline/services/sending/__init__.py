"""What goes out and what comes back: mail, calls to custom extensions, messages to workflows, live updates."""
