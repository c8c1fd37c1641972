"""What is said about separation of duties, to the one who asks and on the record of what was stopped."""

from collections.abc import Sequence

from grantline.model.duties import Collision, CollisionKind

MOST_NAMED = 3
"""How many collisions one sentence names; the first in the way are enough to begin with."""


def in_the_way(collisions: Sequence[Collision]) -> str:
    """Name what the target has, and by which assignment or request."""
    return _listed([_what(one) for one in collisions])


def what_would_help(collisions: Sequence[Collision]) -> str:
    """Say what has to happen first."""
    return _listed([_remedy(one) for one in collisions])


def _what(one: Collision) -> str:
    if one.kind is CollisionKind.HELD:
        return f"'{one.name}' (held by assignment {one.object_id})"
    if one.kind is CollisionKind.ASKED:
        return f"'{one.name}' (asked for by request {one.object_id})"
    return f"membership of the group '{one.name}'"


def _remedy(one: Collision) -> str:
    if one.kind is CollisionKind.HELD:
        return f"remove assignment {one.object_id}"
    if one.kind is CollisionKind.ASKED:
        return f"cancel request {one.object_id}"
    return f"end the membership of '{one.name}'"


def _listed(parts: Sequence[str]) -> str:
    shown = [*parts[:MOST_NAMED]]
    if len(parts) > MOST_NAMED:
        shown.append(f"{len(parts) - MOST_NAMED} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
