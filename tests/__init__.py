"""The rooms mirrored; `cast.py` names the people."""

# First of all: each of its models looks into every module for its own words, and later there are ten times as many.
import scim2_client  # noqa: F401  # pyright: ignore[reportUnusedImport]
