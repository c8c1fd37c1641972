"""Grantline: access packages, requested by managers for their people.

The ground floor under `workflows`, `activities` and `api`. Nothing in here
imports them.
"""
