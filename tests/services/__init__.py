"""Services: what is on record after each call, on both databases, and who wins races."""
