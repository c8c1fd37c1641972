"""Tables of what people do by hand in targets that no connector reaches, and of who they are."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from grantline.persistence.columns import key, metadata, partial, reference
from grantline.persistence.instants import Instant

resource_fulfillers = Table(
    "resource_fulfillers",
    metadata,
    Column("resource_id", String(36), ForeignKey("resources.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True, comment="person or group"),
    Column("subject_id", String(36), primary_key=True),
)

fulfilment_tasks = Table(
    "fulfilment_tasks",
    metadata,
    key(),
    Column("act", String(16), nullable=False, comment="grant or revoke"),
    Column("state", String(16), nullable=False),
    reference("person_id", "people.id", index=True),
    Column("resource_origin_id", String(512), nullable=False),
    Column("role_origin_id", String(512), nullable=False),
    Column("grant_id", String(36), index=True, comment="the grant it is about; null outside of one"),
    Column("assignment_id", String(36), comment="what it is done for; null outside of one"),
    Column("grant_version", Integer, nullable=False, comment="what was wanted of the grant when it was asked"),
    Column("summary", String(600), nullable=False),
    Column("comment", Text),
    Column("settled_by_id", String(36), ForeignKey("people.id")),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    partial(
        "uq_fulfilment_tasks_one_open", "person_id", "resource_origin_id", "role_origin_id", where="state = 'open'"
    ),
    partial("ix_fulfilment_tasks_open", "created_at", "id", where="state = 'open'", unique=False),
)
