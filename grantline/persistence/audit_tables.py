"""The audit trail: its events, and the head that keeps them one chain."""

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text

from grantline.persistence.columns import metadata
from grantline.persistence.instants import Instant

LISTED_BY = ("actor_id", "assignment_id", "object_id", "object_type", "request_id", "type")
"""What a page of the trail may be narrowed by; each has an index that ends in the list's own order."""

audit_events = Table(
    "audit_events",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("type", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor_id", String(128)),
    Column("on_behalf_of_id", String(36)),
    Column("object_type", String(32), nullable=False),
    Column("object_id", String(128), nullable=False),
    Column("request_id", String(36)),
    Column("assignment_id", String(36)),
    Column("reason", Text),
    Column("details", JSON, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_events_at", "at", "number"),
    *(Index(f"ix_audit_events_{by}", by, "at", "number") for by in LISTED_BY),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
