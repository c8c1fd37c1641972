"""Answers that were given under a key of the caller's choice, to be given again."""

from sqlalchemy import Column, Integer, String, Table, Text

from grantline.persistence.columns import metadata
from grantline.persistence.instants import Instant

kept_answers = Table(
    "kept_answers",
    metadata,
    Column("actor_id", String(128), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("began_at", Instant, nullable=False, index=True),
    Column("status", Integer, comment="empty while the call is under way"),
    Column("headers", Text, comment="a JSON object of those that belong to the answer"),
    Column("body", Text),
)
