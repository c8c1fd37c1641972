"""Benchmarks: what a request costs, as a ratio to bare Temporal on the same server."""
