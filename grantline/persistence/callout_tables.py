"""Tables of custom extensions, of the policies that name them, and of the calls that are owed or were made."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from grantline.persistence.columns import actor, key, metadata, partial, reference
from grantline.persistence.instants import Instant

custom_extensions = Table(
    "custom_extensions",
    metadata,
    key(),
    reference("catalog_id", "catalogs.id", index=True),
    Column("kind", String(64), nullable=False),
    Column("display_name", String(256), nullable=False),
    Column("description", Text, nullable=False),
    Column("url", String(2000), nullable=False),
    Column("waits_seconds", Integer, comment="how long a request waits for the answer; null: it does not"),
    Column("names_approvers", Boolean, nullable=False),
    Column("on_timeout", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("modified_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    partial("uq_custom_extensions_name", "catalog_id", "display_name", where="deleted_at IS NULL"),
)

policy_extensions = Table(
    "policy_extensions",
    metadata,
    Column("policy_id", String(36), ForeignKey("policies.id", ondelete="CASCADE"), primary_key=True),
    Column("extension_id", String(36), ForeignKey("custom_extensions.id"), primary_key=True),
    Index("ix_policy_extensions_extension_id", "extension_id"),
)
"""Which policy names which extension, once more: as rows that keep an extension in use from being deleted."""

callouts = Table(
    "callouts",
    metadata,
    key(),
    Column("key", String(200), nullable=False, unique=True, comment="what it is about, point, extension: called once"),
    reference("extension_id", "custom_extensions.id"),
    Column("request_id", String(36), ForeignKey("requests.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("assignment_id", String(36), index=True),
    Column("point", String(64), nullable=False),
    Column("stage_number", Integer, nullable=False, comment="the stage whose approvers it determines; 0: none"),
    Column("payload", JSON, nullable=False),
    Column("on_timeout", String(16), nullable=False),
    Column("delivery", String(16), nullable=False),
    Column("hold", String(16), comment="null where nothing waits for the answer"),
    Column("times_out_at", Instant),
    Column("detail", Text, comment="what the answer says"),
    actor("answered_by_id", nullable=True, comment="the administrator who answered in its place"),
    Column("answered_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("next_attempt_at", Instant, nullable=False),
    Column("gives_up_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_id", String(36), comment="who is calling now, until next_attempt_at"),
    Column("last_error", Text),
    Column("settled_at", Instant, comment="when the call was taken, or given up"),
    partial("ix_callouts_waiting", "next_attempt_at", where="delivery = 'waiting'", unique=False),
    partial("uq_callouts_one_hold", "request_id", where="hold = 'open'"),
)
