"""Workflows: on a server that skips time where they wait long, on the real one where they hand over."""
