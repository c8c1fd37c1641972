"""The table of changes of packages that are on their way to whoever holds the package."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from grantline.persistence.columns import actor, key, metadata, partial, reference
from grantline.persistence.instants import Instant

package_changes = Table(
    "package_changes",
    metadata,
    key(),
    reference("package_id", "packages.id"),
    Column("kind", String(32), nullable=False),
    Column("role", String(600), nullable=False, comment="the role and its resource, for people"),
    Column("reason", Text, comment="what whoever loses it reads"),
    actor("actor_id", nullable=True),
    Column("created_at", Instant, nullable=False),
    Column("holders", Integer, nullable=False, comment="who held the package when it was changed"),
    Column("seen", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("cursor", String(36), comment="the last holder that was looked at"),
    Column("completed_at", Instant),
    Column("superseded_by", String(36), comment="a later change that goes on in its place"),
    Index("ix_package_changes_created_at_id", "created_at", "id"),
    Index("ix_package_changes_package_id_created_at", "package_id", "created_at"),
    partial("ix_package_changes_open", "created_at", where="completed_at IS NULL", unique=False),
)
