"""Who holds which delegated role, and where."""

from sqlalchemy import Column, Index, String, Table

from grantline.persistence.columns import key, metadata, partial, reference
from grantline.persistence.instants import Instant

role_assignments = Table(
    "role_assignments",
    metadata,
    key(),
    Column("role", String(48), nullable=False),
    Column("principal_kind", String(16), nullable=False),
    Column("principal_id", String(128), nullable=False, comment="of an application its actor's id"),
    reference("catalog_id", "catalogs.id", nullable=True),
    Column("created_at", Instant, nullable=False),
    Index("ix_role_assignments_created_at_id", "created_at", "id"),
    Index("ix_role_assignments_catalog_id", "catalog_id", "created_at", "id"),
    partial("uq_role_assignments_there", "principal_id", "role", "catalog_id", where="catalog_id IS NOT NULL"),
    partial("uq_role_assignments_everywhere", "principal_id", "role", where="catalog_id IS NULL"),
)
"""Rows of people, groups and catalogs that are deleted are withdrawn with them (services/configuration/roles.py)."""
