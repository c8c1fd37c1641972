"""What every change of configuration has in common: it is on record, whole, with who made it.

The nouns have a file each: `catalogs_configuration`, `packages_configuration`,
`policies_configuration`. Whoever may change them is decided at the door;
`actor_id` None is Grantline itself, which fills in a sample.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import IntegrityError

from grantline.ambient import utc_now
from grantline.errors import Conflict
from grantline.model.event import AuditEvent, EventType
from grantline.persistence.codec import to_json
from grantline.persistence.database import Transaction

STAMPS = frozenset({"id", "created_at", "modified_at"})


def record_created(tx: Transaction, actor_id: str | None, object_type: str, value: Any) -> None:
    """Put a new object on record, with all it says."""
    details = to_json(type(value), value)
    _record(tx, EventType.CONFIGURATION_CREATED, actor_id, (object_type, value.id), details)


def record_changed(tx: Transaction, actor_id: str | None, object_type: str, before: Any, after: Any) -> None:
    """Put a change on record: each member that differs, with what it was and what it is."""
    old, new = to_json(type(before), before), to_json(type(after), after)
    differing = [name for name in new if name not in STAMPS and old[name] != new[name]]
    details = {"changes": {name: {"from": old[name], "to": new[name]} for name in differing}}
    _record(tx, EventType.CONFIGURATION_CHANGED, actor_id, (object_type, after.id), details)


def record_deleted(tx: Transaction, actor_id: str | None, object_type: str, value: Any) -> None:
    """Put a deletion on record, with all that was there."""
    details = to_json(type(value), value)
    _record(tx, EventType.CONFIGURATION_DELETED, actor_id, (object_type, value.id), details)


def _record(
    tx: Transaction, kind: EventType, actor_id: str | None, what: tuple[str, str], details: dict[str, Any]
) -> None:
    object_type, object_id = what
    tx.audit(
        AuditEvent(
            type=kind, at=utc_now(), actor_id=actor_id, object_type=object_type, object_id=object_id, details=details
        )
    )


@contextmanager
def unless_taken(conflict: Conflict) -> Generator[None]:
    """Raise `conflict` when what is written inside breaks a unique index; the transaction is then over."""
    try:
        yield
    except IntegrityError as error:
        if _is_unique_violation(error):
            raise conflict from error
        raise


def _is_unique_violation(error: IntegrityError) -> bool:
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return code == "23505" or "UNIQUE constraint failed" in str(error.orig)


def some(names: list[str], most: int = 5) -> str:
    """Name a few things in a sentence."""
    quoted = [f"'{name}'" for name in names[:most]]
    rest = len(names) - len(quoted)
    return ", ".join(quoted) + (f" and {rest} more" if rest > 0 else "")
