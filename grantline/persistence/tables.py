"""The schema. SQLite for a first run, PostgreSQL in production.

Ids are GUIDs as text. Instants are UTC. What only judgement reads as a whole
(settings of a policy, the plan of a request) is kept as JSON.
"""

from sqlalchemy import JSON, Boolean, Column, Computed, Date, ForeignKey, Index, Integer, String, Table, Text

from grantline.persistence import audit_tables
from grantline.persistence.columns import actor, key, metadata, partial, reference
from grantline.persistence.instants import Instant

people = Table(
    "people",
    metadata,
    key(),
    Column("user_principal_name", String(320), nullable=False),
    Column("user_key", String(320), nullable=False, unique=True, comment="userPrincipalName in lower case"),
    Column("display_name", String(256), nullable=False),
    Column("mail", String(320)),
    Column("mail_key", String(320), index=True, comment="mail in lower case"),
    Column("job_title", String(256)),
    Column("department", String(256)),
    Column("employee_id", String(64), unique=True),
    Column("account_enabled", Boolean, nullable=False),
    Column("manager_id", String(36), ForeignKey("people.id"), index=True),
    Column("hire_date", Date),
    Column("created_at", Instant, nullable=False),
    Column("modified_at", Instant, nullable=False),
    Index("ix_people_display_name_id", "display_name", "id"),
)

groups = Table(
    "groups",
    metadata,
    key(),
    Column("display_name", String(256), nullable=False),
    Column("description", Text),
    Column("mail_nickname", String(64)),
    Column("created_at", Instant, nullable=False),
    Index("ix_groups_display_name_id", "display_name", "id"),
)

group_members = Table(
    "group_members",
    metadata,
    Column("group_id", String(36), ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", String(36), ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("added_at", Instant, nullable=False),
    Index("ix_group_members_person_id", "person_id"),
)

person_sponsors = Table(
    "person_sponsors",
    metadata,
    Column("person_id", String(36), ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("sponsor_id", String(36), ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("added_at", Instant, nullable=False),
    Index("ix_person_sponsors_sponsor_id", "sponsor_id"),
)

NOT_DELETED = "deleted_at IS NULL"
"""What was deleted stays for history; only what was not is listed, and only that blocks a name."""

catalogs = Table(
    "catalogs",
    metadata,
    key(),
    Column("display_name", String(256), nullable=False),
    Column("description", Text, nullable=False),
    Column("state", String(32), nullable=False),
    Column("is_externally_visible", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("modified_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    partial("uq_catalogs_name", "display_name", where=NOT_DELETED),
)

resources = Table(
    "resources",
    metadata,
    key(),
    reference("catalog_id", "catalogs.id"),
    Column("origin_system", String(64), nullable=False),
    Column("origin_id", String(512), nullable=False),
    Column("display_name", String(256), nullable=False),
    Column("description", Text, nullable=False),
    Column("root_scope_id", String(36), nullable=False, comment="id of the one scope Graph wants to see"),
    Column("created_at", Instant, nullable=False),
    Column("modified_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    partial("uq_resources_origin", "catalog_id", "origin_system", "origin_id", where=NOT_DELETED),
)

resource_roles = Table(
    "resource_roles",
    metadata,
    key(),
    Column("resource_id", String(36), ForeignKey("resources.id", ondelete="CASCADE"), nullable=False),
    Column("origin_system", String(64), nullable=False),
    Column("origin_id", String(512), nullable=False),
    Column("display_name", String(256), nullable=False),
    Column("description", Text, nullable=False),
    Index("uq_resource_roles_origin", "resource_id", "origin_id", unique=True),
    Index("ix_resource_roles_origin_id", "origin_id"),
)

resource_requests = Table(
    "resource_requests",
    metadata,
    key(),
    Column("type", String(32), nullable=False),
    Column("state", String(32), nullable=False),
    reference("catalog_id", "catalogs.id", nullable=True, index=True),
    Column("resource", JSON, nullable=False, comment="the resource as it was when asked"),
    Column("created_at", Instant, nullable=False),
)

packages = Table(
    "packages",
    metadata,
    key(),
    reference("catalog_id", "catalogs.id", index=True),
    Column("display_name", String(256), nullable=False),
    Column("description", Text, nullable=False),
    Column("is_hidden", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("modified_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    Column("retired_at", Instant),
    Index("ix_packages_display_name_id", "display_name", "id"),
    partial("uq_packages_name", "catalog_id", "display_name", where=NOT_DELETED),
)

package_roles = Table(
    "package_roles",
    metadata,
    Column("package_id", String(36), ForeignKey("packages.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", String(36), ForeignKey("resource_roles.id"), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Index("ix_package_roles_role_id", "role_id"),
)

incompatible_packages = Table(
    "incompatible_packages",
    metadata,
    Column("package_id", String(36), ForeignKey("packages.id", ondelete="CASCADE"), primary_key=True),
    Column("incompatible_id", String(36), ForeignKey("packages.id", ondelete="CASCADE"), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Index("ix_incompatible_packages_incompatible_id", "incompatible_id"),
)
"""One way: who has the incompatible package does not get the package."""

incompatible_groups = Table(
    "incompatible_groups",
    metadata,
    Column("package_id", String(36), ForeignKey("packages.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", String(36), ForeignKey("groups.id"), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Index("ix_incompatible_groups_group_id", "group_id"),
)

policies = Table(
    "policies",
    metadata,
    key(),
    Column("package_id", String(36), ForeignKey("packages.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("display_name", String(256), nullable=False),
    Column("description", Text, nullable=False),
    Column("target_scope", String(64), nullable=False),
    Column("settings", JSON, nullable=False, comment="targets, requestor, approval, expiration, questions"),
    Column("created_at", Instant, nullable=False),
    Column("modified_at", Instant, nullable=False),
)

policy_subjects = Table(
    "policy_subjects",
    metadata,
    Column("policy_id", String(36), ForeignKey("policies.id", ondelete="CASCADE"), primary_key=True),
    Column("part", String(16), primary_key=True, comment="self: may ask for themselves; target; requestor: on behalf"),
    Column("kind", String(32), primary_key=True, comment="everyone, or the kind of subject set"),
    Column("subject_id", String(36), primary_key=True, comment="person or group; empty for the others"),
    Column("manager_level", Integer, nullable=False, comment="steps up the line; 0 for the others"),
    Index("ix_policy_subjects_subject", "subject_id", "kind", "part"),
)
"""The people settings of a policy, once more: as rows that a list can be filtered by."""

OPEN_ADD = "state IN ('pendingApproval', 'scheduled', 'delivering') AND type IN ('userAdd', 'adminAdd')"
OPEN_REMOVAL = "state = 'delivering' AND type IN ('userRemove', 'adminRemove', 'approverRemove')"
ASKING_PERSON = "CASE WHEN requestor_name IS NULL THEN requestor_id END"
"""The requestor, if it is a person: nobody whom a request names is deleted."""

OPEN_UPDATE = "state IN ('pendingApproval', 'scheduled', 'delivering') AND type IN ('userUpdate', 'adminUpdate')"

requests = Table(
    "requests",
    metadata,
    key(),
    Column("type", String(32), nullable=False),
    Column("state", String(32), nullable=False),
    Column("status", String(256), nullable=False),
    actor("requestor_id"),
    Column("requestor_name", String(256), comment="an application's; null: a person's is in the directory"),
    Column("asking_person_id", String(36), Computed(ASKING_PERSON, persisted=True), ForeignKey("people.id")),
    reference("target_id", "people.id"),
    reference("package_id", "packages.id"),
    reference("catalog_id", "catalogs.id"),
    Column("policy_id", String(36), nullable=False, comment="kept when the policy is deleted"),
    Column("assignment_id", String(36), index=True),
    Column("justification", Text),
    Column("schedule", JSON, nullable=False),
    Column("answers", JSON(none_as_null=True), comment="with their questions as asked; null when none was given"),
    Column("plan", JSON, nullable=False, comment="fixed at submit"),
    Column("shortened_to", JSON(none_as_null=True), comment="by all its approvers; null: nobody did"),
    Column("created_at", Instant, nullable=False),
    Column("completed_at", Instant),
    Index("ix_requests_created_at_id", "created_at", "id"),
    Index("ix_requests_requestor_id_created_at_id", "requestor_id", "created_at", "id"),
    Index("ix_requests_target_id_created_at_id", "target_id", "created_at", "id"),
    Index("ix_requests_package_id_created_at_id", "package_id", "created_at", "id"),
    Index("ix_requests_catalog_id_created_at_id", "catalog_id", "created_at", "id"),
    Index("ix_requests_state_created_at_id", "state", "created_at", "id"),
    partial("ix_requests_pending", "state", "policy_id", "id", where="state = 'pendingApproval'", unique=False),
    partial("uq_requests_one_open", "package_id", "target_id", where=OPEN_ADD),
    partial("uq_requests_one_removal", "assignment_id", where=OPEN_REMOVAL),
    partial("uq_requests_one_update", "assignment_id", where=OPEN_UPDATE),
)

stages = Table(
    "stages",
    metadata,
    key(),
    Column("request_id", String(36), ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(32), nullable=False),
    Column("opened_at", Instant),
    Column("deadline_at", Instant),
    Column("is_approver_justification_required", Boolean, nullable=False),
    Column("approver_visibility", String(16), nullable=False),
    Column("escalates_at", Instant, comment="when alternates are asked too; null: never"),
    Column("escalated_at", Instant),
    Column("reminded_at", Instant, comment="the last time its approvers were reminded"),
    Column("decision_id", String(36), unique=True),
    Column("decided_by_id", String(36), ForeignKey("people.id")),
    Column("decided_for_id", String(36), ForeignKey("people.id"), comment="the approver for whom a delegate decided"),
    Column("decided_at", Instant),
    Column("verdict", String(16)),
    Column("justification", Text),
    Column("shortened_to", JSON(none_as_null=True), comment="by this approval; null: it did not"),
    Index("uq_stages_number", "request_id", "number", unique=True),
    partial("ix_stages_decided", "decided_by_id", "decided_at", "id", where="decided_by_id IS NOT NULL", unique=False),
)

stage_approvers = Table(
    "stage_approvers",
    metadata,
    Column("stage_id", String(36), ForeignKey("stages.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", String(36), ForeignKey("people.id"), primary_key=True),
    Column("request_id", String(36), ForeignKey("requests.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("source", String(32), nullable=False, comment="primary, fallback, nextManager, catalogOwner …"),
    Column("is_open", Boolean, nullable=False, comment="the stage waits for this person now"),
    Column("opened_at", Instant, nullable=False),
    partial("ix_stage_approvers_open", "person_id", "opened_at", "stage_id", where="is_open", unique=False),
)

HELD = "state IN ('delivered', 'partiallyDelivered')"
"""An assignment whose end is waited for."""

assignments = Table(
    "assignments",
    metadata,
    key(),
    Column("request_id", String(36), ForeignKey("requests.id"), nullable=False, index=True),
    reference("target_id", "people.id"),
    reference("package_id", "packages.id"),
    reference("catalog_id", "catalogs.id"),
    Column("policy_id", String(36), nullable=False, index=True),
    Column("state", String(32), nullable=False),
    Column("status", String(256), nullable=False),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("delivered_at", Instant),
    Column("ending_at", Instant, comment="when its end was settled; revocation is overdue from here"),
    Column("ended_at", Instant),
    Column("end_cause", String(32)),
    Column("created_at", Instant, nullable=False),
    Index("ix_assignments_created_at_id", "created_at", "id"),
    Index("ix_assignments_target_id_created_at_id", "target_id", "created_at", "id"),
    Index("ix_assignments_package_id_created_at_id", "package_id", "created_at", "id"),
    Index("ix_assignments_catalog_id_created_at_id", "catalog_id", "created_at", "id"),
    Index("ix_assignments_state_created_at_id", "state", "created_at", "id"),
    partial("uq_assignments_one_live", "package_id", "target_id", where="state <> 'expired'"),
    partial("ix_assignments_due", "ends_at", "id", where=HELD, unique=False),
)

OVERDUE = "NOT is_wanted AND (applied_version IS NULL OR applied_version <> version)"
"""A grant that nobody needs any more, and that the target system may still show."""

grants = Table(
    "grants",
    metadata,
    key(),
    reference("person_id", "people.id"),
    reference("role_id", "resource_roles.id", index=True),
    Column("is_wanted", Boolean, nullable=False),
    Column("version", Integer, nullable=False, comment="counts changes of is_wanted"),
    Column("applied_version", Integer, comment="what the target system is known to show"),
    Column("existed_before", Boolean, comment="held before Grantline's first grant; null until looked"),
    Column("account_id", String(256), comment="the person in the target's own words, while we gave them the role"),
    Column("lease_id", String(36), comment="who is acting on the target system now"),
    Column("lease_until", Instant),
    Column("last_error", Text),
    Column("changed_at", Instant, nullable=False, comment="when is_wanted last changed"),
    Column("drifted_at", Instant, comment="since when the target system is known to show something else"),
    Index("uq_grants_person_role", "person_id", "role_id", unique=True),
    partial("ix_grants_drifted", "drifted_at", "id", where="drifted_at IS NOT NULL", unique=False),
    partial("ix_grants_overdue", "changed_at", "id", where=OVERDUE, unique=False),
)

grant_reasons = Table(
    "grant_reasons",
    metadata,
    reference("grant_id", "grants.id"),
    reference("assignment_id", "assignments.id", index=True),
    Column("added_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("uq_grant_reasons", "grant_id", "assignment_id", unique=True),
)

outbox = Table(
    "outbox",
    metadata,
    key(),
    Column("subject_id", String(36), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("body", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("next_attempt_at", Instant, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
)

mail_outbox = Table(
    "mail_outbox",
    metadata,
    key(),
    Column("key", String(160), nullable=False, unique=True, comment="kind, what it is about, to whom: sent once"),
    Column("kind", String(64), nullable=False),
    reference("person_id", "people.id"),
    Column("name", String(256), nullable=False),
    Column("address", String(320), nullable=False, comment="empty for who has none"),
    Column("details", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("next_attempt_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_id", String(36), comment="who is sending it now, until next_attempt_at"),
    Column("last_error", Text),
    Column("settled_at", Instant, comment="when it was sent, or given up"),
    partial("ix_mail_outbox_settled", "settled_at", where="state <> 'waiting'", unique=False),
    partial("ix_mail_outbox_waiting", "next_attempt_at", where="state = 'waiting'", unique=False),
)

# Of the trail everybody asks this file.
audit_events, audit_head = audit_tables.audit_events, audit_tables.audit_head

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("actor_id", String(128), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("request_id", String(36), nullable=False),
    Column("created_at", Instant, nullable=False),
)
