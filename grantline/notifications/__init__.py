"""How people are told: what a letter says (templates), and what carries it (notifiers).

Notifiers stand side by side, get plain values in `__init__`, and know neither
the database nor why a letter is sent.
"""
