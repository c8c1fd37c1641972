"""Contracts: one suite per kind of adapter, kept by every adapter of that kind."""
