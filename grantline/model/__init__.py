"""The nouns. Plain frozen values; no clock, no I/O, no framework."""
