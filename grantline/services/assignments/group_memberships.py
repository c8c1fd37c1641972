"""Grantline's own groups, as the connector for them wants to see them: each call its own transaction, or all in one."""

from sqlalchemy.exc import IntegrityError

from grantline.ambient import utc_now
from grantline.persistence import memberships
from grantline.persistence.database import Database, Transaction


class GroupMemberships:
    """The memberships of one database; what `connectors.groups.Memberships` asks for."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def has_group(self, group_id: str) -> bool:
        """Tell whether the group exists."""
        async with self._db.read() as tx:
            return await memberships.has_group(tx, group_id)

    async def has(self, group_id: str, person_id: str) -> bool:
        """Tell whether the person is a member."""
        async with self._db.read() as tx:
            return await memberships.has_member(tx, group_id, person_id)

    async def add(self, group_id: str, person_id: str) -> bool:
        """Make the person a member; return False if the group or the person does not exist."""
        try:
            async with self._db.write() as tx:
                return await memberships.add_member(tx, group_id, person_id, utc_now())
        except IntegrityError:
            # One of the two was deleted between our look and our insert.
            return False

    async def remove(self, group_id: str, person_id: str) -> None:
        """Make the person no member."""
        async with self._db.write() as tx:
            await memberships.remove_member(tx, group_id, person_id)

    def within(self, transaction: object) -> "MembershipsWithin":
        """Return the same memberships, seen and changed in the caller's transaction."""
        if not isinstance(transaction, Transaction):
            raise AssertionError(f"{transaction!r} is no transaction of ours (this is a bug)")
        return MembershipsWithin(transaction)


class MembershipsWithin:
    """The memberships as one open transaction sees and changes them."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def has_group(self, group_id: str) -> bool:
        """Tell whether the group exists."""
        return await memberships.has_group(self._tx, group_id)

    async def has(self, group_id: str, person_id: str) -> bool:
        """Tell whether the person is a member."""
        return await memberships.has_member(self._tx, group_id, person_id)

    async def add(self, group_id: str, person_id: str) -> bool:
        """Make the person a member; return False if the group or the person does not exist."""
        return await memberships.add_member(self._tx, group_id, person_id, utc_now())

    async def remove(self, group_id: str, person_id: str) -> None:
        """Make the person no member."""
        await memberships.remove_member(self._tx, group_id, person_id)

    def within(self, transaction: object) -> "MembershipsWithin":
        """Return these, which are within a transaction already."""
        del transaction
        return self
