"""The table of sessions: who is signed in to the portal, and until when."""

from sqlalchemy import Column, String, Table

from grantline.persistence.columns import metadata
from grantline.persistence.instants import Instant

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", String(64), primary_key=True, comment="SHA-256 of what the cookie holds"),
    Column("person_id", String(36), nullable=False, index=True, comment="may be deleted; then nobody is signed in"),
    Column("created_at", Instant, nullable=False),
    Column("idle_until", Instant, nullable=False, index=True, comment="moves with use, never beyond ends_at"),
    Column("ends_at", Instant, nullable=False),
)
