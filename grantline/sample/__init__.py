"""A fictional company, so that a first run has somebody to ask, somebody to approve and something to get."""
