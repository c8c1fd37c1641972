"""The rooms mirrored; `cast.py` names the people."""
