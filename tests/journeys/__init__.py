"""Whole stories: Microsoft's own client against a served API, a worker, and a Temporal server."""
