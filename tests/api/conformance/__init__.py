"""What of Graph is known, and that our answers fit it. `derive.py` says where the facts are from."""
