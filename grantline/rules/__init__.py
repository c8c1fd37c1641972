"""Judgement, pure: facts and instants come in as arguments, findings and plans go out.

Nothing in here reads a clock, a database or the network. Workflows never call
it; what it decided at submit is kept on the request.
"""
