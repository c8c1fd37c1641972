"""Who owns Grantline's own groups: asked to approve where a policy names the owners of what a package gives."""

from sqlalchemy import Column, ForeignKey, Index, String, Table

from grantline.persistence.columns import metadata
from grantline.persistence.instants import Instant

group_owners = Table(
    "group_owners",
    metadata,
    Column("group_id", String(36), ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", String(36), ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("added_at", Instant, nullable=False),
    Index("ix_group_owners_person_id", "person_id"),
)
