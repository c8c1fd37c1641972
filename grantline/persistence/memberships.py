"""Who is in which of Grantline's own groups, one membership at a time."""

from datetime import datetime

from sqlalchemy import String, bindparam, delete, exists, select, text

from grantline.persistence.database import Transaction
from grantline.persistence.tables import Instant, group_members, groups


async def has_group(tx: Transaction, group_id: str) -> bool:
    """Tell whether the group exists."""
    return await tx.first(select(groups.c.id).where(groups.c.id == group_id)) is not None


async def has_member(tx: Transaction, group_id: str, person_id: str) -> bool:
    """Tell whether the person is a member of the group."""
    return bool(await tx.scalar(_HAS_MEMBER, {"group": group_id, "person": person_id}))


async def add_member(tx: Transaction, group_id: str, person_id: str, at: datetime) -> bool:
    """Put the person into the group, if both exist; return whether they are in it now."""
    values = {"group": group_id, "person": person_id, "at": at}
    return await tx.changed(_ADD_MEMBER, values) == 1 or await has_member(tx, group_id, person_id)


async def remove_member(tx: Transaction, group_id: str, person_id: str) -> None:
    """Take the person out of the group."""
    await tx.changed(_REMOVE_MEMBER, {"group": group_id, "person": person_id})


# Built once, and the one with ON CONFLICT as text: building one costs more than running it, and SQLAlchemy never
# caches its own ON CONFLICT.
_IS = (group_members.c.group_id == bindparam("group"), group_members.c.person_id == bindparam("person"))
_HAS_MEMBER = select(exists().where(*_IS))
_REMOVE_MEMBER = delete(group_members).where(*_IS)
_ADD_MEMBER = text(
    "INSERT INTO group_members (group_id, person_id, added_at)"
    " SELECT groups.id, people.id, :at FROM groups JOIN people ON people.id = :person WHERE groups.id = :group"
    " ON CONFLICT DO NOTHING"
).bindparams(bindparam("at", type_=Instant()), bindparam("person", type_=String()), bindparam("group", type_=String()))
