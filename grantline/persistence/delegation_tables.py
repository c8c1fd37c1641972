"""Tables of who stands in for whom, and of what makes open stages look for their approvers anew.

`directory_changes` is filled by triggers (`directory_triggers.py`), so that no
way of changing the directory gets past it.
"""

from sqlalchemy import Column, Index, Integer, String, Table

from grantline.persistence.columns import key, metadata, partial, reference
from grantline.persistence.instants import Instant

approval_delegations = Table(
    "approval_delegations",
    metadata,
    key(),
    reference("delegator_id", "people.id"),
    reference("delegate_id", "people.id"),
    Column("begins_at", Instant, nullable=False),
    Column("ends_at", Instant, comment="null: until it is ended by hand"),
    Column("created_at", Instant, nullable=False),
    Index("ix_approval_delegations_delegator_id", "delegator_id", "ends_at"),
    Index("ix_approval_delegations_delegate_id", "delegate_id", "ends_at"),
)
"""One who approves, and who stands in for them meanwhile. Of one delegator no two overlap."""

policy_approvers = Table(
    "policy_approvers",
    metadata,
    Column("policy_id", String(36), primary_key=True, comment="kept when the policy is deleted, as requests keep it"),
    Column("kind", String(32), primary_key=True, comment="the kind of subject set"),
    Column("subject_id", String(36), primary_key=True, comment="person or group; empty for the others"),
    Index("ix_policy_approvers_subject_id", "subject_id", "kind"),
)
"""Whom any stage of a policy names, or ever named: open requests keep the plan of an older edition."""

directory_changes = Table(
    "directory_changes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("kind", String(16), nullable=False, comment="switched, moved, members or sponsors"),
    Column("subject_id", String(36), nullable=False, comment="the person or group that changed"),
    Column("looked_at", Instant, comment="when open stages were first looked at because of it"),
    partial("ix_directory_changes_new", "number", where="looked_at IS NULL", unique=False),
)
