"""The first schema. Long because nothing is released yet: until then every table is made here, in one sitting."""

import sqlalchemy as sa
from alembic import op

from grantline.persistence import directory_triggers
from grantline.persistence.tables import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
        BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
        """CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
        BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION grantline_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$""",
        """CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
        FOR EACH ROW EXECUTE FUNCTION grantline_append_only()""",
    ),
}
"""The database itself refuses to rewrite history; `audit verify` shows what got past it."""


def upgrade() -> None:
    """Bring the schema to this revision.

    Long because it is one list, of every table there is, each after those it refers to: whoever compares it with
    the tables reads it from top to bottom, and no part of it is ever called alone.
    """
    op.create_table(
        "audit_events",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_id", sa.String(length=128), nullable=True),
        sa.Column("on_behalf_of_id", sa.String(length=36), nullable=True),
        sa.Column("object_type", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=128), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("assignment_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at", "number"], unique=False)
    op.create_index("ix_audit_events_actor_id", "audit_events", ["actor_id", "at", "number"], unique=False)
    op.create_index("ix_audit_events_assignment_id", "audit_events", ["assignment_id", "at", "number"], unique=False)
    op.create_index("ix_audit_events_object_id", "audit_events", ["object_id", "at", "number"], unique=False)
    op.create_index("ix_audit_events_object_type", "audit_events", ["object_type", "at", "number"], unique=False)
    op.create_index("ix_audit_events_request_id", "audit_events", ["request_id", "at", "number"], unique=False)
    op.create_index("ix_audit_events_type", "audit_events", ["type", "at", "number"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.create_table(
        "catalogs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("display_name", sa.String(length=256), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("is_externally_visible", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("modified_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_catalogs"),
    )
    op.create_index(
        "uq_catalogs_name",
        "catalogs",
        ["display_name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("display_name", sa.String(length=256), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("mail_nickname", sa.String(length=64), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
    )
    op.create_index("ix_groups_display_name_id", "groups", ["display_name", "id"], unique=False)

    op.create_table(
        "idempotency_keys",
        sa.Column("actor_id", sa.String(length=128), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "key", name="pk_idempotency_keys"),
    )
    op.create_table(
        "kept_answers",
        sa.Column("actor_id", sa.String(length=128), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True, comment="empty while the call is under way"),
        sa.Column("headers", sa.Text(), nullable=True, comment="a JSON object of those that belong to the answer"),
        sa.Column("body", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("actor_id", "key", name="pk_kept_answers"),
    )
    op.create_index("ix_kept_answers_began_at", "kept_answers", ["began_at"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_next_attempt_at", "outbox", ["next_attempt_at"], unique=False)
    op.create_index("ix_outbox_subject_id", "outbox", ["subject_id"], unique=False)

    op.create_table(
        "people",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_principal_name", sa.String(length=320), nullable=False),
        sa.Column("user_key", sa.String(length=320), nullable=False, comment="userPrincipalName in lower case"),
        sa.Column("display_name", sa.String(length=256), nullable=False),
        sa.Column("mail", sa.String(length=320), nullable=True),
        sa.Column("mail_key", sa.String(length=320), nullable=True, comment="mail in lower case"),
        sa.Column("job_title", sa.String(length=256), nullable=True),
        sa.Column("department", sa.String(length=256), nullable=True),
        sa.Column("employee_id", sa.String(length=64), nullable=True),
        sa.Column("account_enabled", sa.Boolean(), nullable=False),
        sa.Column("manager_id", sa.String(length=36), nullable=True),
        sa.Column("hire_date", sa.Date(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("modified_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["manager_id"], ["people.id"], name="fk_people_manager_id"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("employee_id", name="uq_people_employee_id"),
        sa.UniqueConstraint("user_key", name="uq_people_user_key"),
    )
    op.create_index("ix_people_display_name_id", "people", ["display_name", "id"], unique=False)
    op.create_index("ix_people_mail_key", "people", ["mail_key"], unique=False)
    op.create_index("ix_people_manager_id", "people", ["manager_id"], unique=False)

    op.create_table(
        "group_members",
        sa.Column("group_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_group_members_group_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_group_members_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("group_id", "person_id", name="pk_group_members"),
    )
    op.create_index("ix_group_members_person_id", "group_members", ["person_id"], unique=False)

    op.create_table(
        "group_owners",
        sa.Column("group_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_group_owners_group_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_group_owners_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("group_id", "person_id", name="pk_group_owners"),
    )
    op.create_index("ix_group_owners_person_id", "group_owners", ["person_id"], unique=False)

    op.create_table(
        "person_sponsors",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("sponsor_id", sa.String(length=36), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_sponsors_person_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["sponsor_id"], ["people.id"], name="fk_person_sponsors_sponsor_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "sponsor_id", name="pk_person_sponsors"),
    )
    op.create_index("ix_person_sponsors_sponsor_id", "person_sponsors", ["sponsor_id"], unique=False)

    op.create_table(
        "packages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("catalog_id", sa.String(length=36), nullable=False),
        sa.Column("display_name", sa.String(length=256), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("modified_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["catalog_id"], ["catalogs.id"], name="fk_packages_catalog_id"),
        sa.PrimaryKeyConstraint("id", name="pk_packages"),
    )
    op.create_index("ix_packages_catalog_id", "packages", ["catalog_id"], unique=False)
    op.create_index("ix_packages_display_name_id", "packages", ["display_name", "id"], unique=False)
    op.create_index(
        "uq_packages_name",
        "packages",
        ["catalog_id", "display_name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )

    op.create_table(
        "resource_requests",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("catalog_id", sa.String(length=36), nullable=True),
        sa.Column("resource", sa.JSON(), nullable=False, comment="the resource as it was when asked"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["catalog_id"], ["catalogs.id"], name="fk_resource_requests_catalog_id"),
        sa.PrimaryKeyConstraint("id", name="pk_resource_requests"),
    )
    op.create_index("ix_resource_requests_catalog_id", "resource_requests", ["catalog_id"], unique=False)

    op.create_table(
        "resources",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("catalog_id", sa.String(length=36), nullable=False),
        sa.Column("origin_system", sa.String(length=64), nullable=False),
        sa.Column("origin_id", sa.String(length=512), nullable=False),
        sa.Column("display_name", sa.String(length=256), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "root_scope_id", sa.String(length=36), nullable=False, comment="id of the one scope Graph wants to see"
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("modified_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["catalog_id"], ["catalogs.id"], name="fk_resources_catalog_id"),
        sa.PrimaryKeyConstraint("id", name="pk_resources"),
    )
    op.create_index(
        "uq_resources_origin",
        "resources",
        ["catalog_id", "origin_system", "origin_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )

    op.create_table(
        "policies",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("package_id", sa.String(length=36), nullable=False),
        sa.Column("display_name", sa.String(length=256), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("target_scope", sa.String(length=64), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False, comment="targets, requestor, approval, expiration, questions"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("modified_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name="fk_policies_package_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_policies"),
    )
    op.create_index("ix_policies_package_id", "policies", ["package_id"], unique=False)

    op.create_table(
        "policy_subjects",
        sa.Column("policy_id", sa.String(length=36), nullable=False),
        sa.Column(
            "part",
            sa.String(length=16),
            nullable=False,
            comment="self: may ask for themselves; target; requestor: on behalf",
        ),
        sa.Column("kind", sa.String(length=32), nullable=False, comment="everyone, or the kind of subject set"),
        sa.Column("subject_id", sa.String(length=36), nullable=False, comment="person or group; empty for the others"),
        sa.Column("manager_level", sa.Integer(), nullable=False, comment="steps up the line; 0 for the others"),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policies.id"], name="fk_policy_subjects_policy_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("policy_id", "part", "kind", "subject_id", name="pk_policy_subjects"),
    )
    op.create_index("ix_policy_subjects_subject", "policy_subjects", ["subject_id", "kind", "part"], unique=False)

    op.create_table(
        "requests",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=256), nullable=False),
        sa.Column("requestor_id", sa.String(length=128), nullable=False),
        sa.Column(
            "requestor_name",
            sa.String(length=256),
            nullable=True,
            comment="an application's; null: a person's is in the directory",
        ),
        sa.Column(
            "asking_person_id",
            sa.String(length=36),
            sa.Computed("CASE WHEN requestor_name IS NULL THEN requestor_id END", persisted=True),
            nullable=True,
        ),
        sa.Column("target_id", sa.String(length=36), nullable=False),
        sa.Column("package_id", sa.String(length=36), nullable=False),
        sa.Column("catalog_id", sa.String(length=36), nullable=False),
        sa.Column("policy_id", sa.String(length=36), nullable=False, comment="kept when the policy is deleted"),
        sa.Column("assignment_id", sa.String(length=36), nullable=True),
        sa.Column("justification", sa.Text(), nullable=True),
        sa.Column("schedule", sa.JSON(), nullable=False),
        sa.Column(
            "answers", sa.JSON(), nullable=True, comment="with their questions as asked; null when none was given"
        ),
        sa.Column("plan", sa.JSON(), nullable=False, comment="fixed at submit"),
        sa.Column(
            "shortened_to", sa.JSON(none_as_null=True), nullable=True, comment="by all its approvers; null: nobody did"
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["catalog_id"], ["catalogs.id"], name="fk_requests_catalog_id"),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name="fk_requests_package_id"),
        sa.ForeignKeyConstraint(["asking_person_id"], ["people.id"], name="fk_requests_asking_person_id"),
        sa.ForeignKeyConstraint(["target_id"], ["people.id"], name="fk_requests_target_id"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
    )
    op.create_index(
        "ix_requests_catalog_id_created_at_id", "requests", ["catalog_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_requests_assignment_id", "requests", ["assignment_id"], unique=False)
    op.create_index("ix_requests_created_at_id", "requests", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_requests_package_id_created_at_id", "requests", ["package_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_requests_requestor_id_created_at_id", "requests", ["requestor_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_requests_state_created_at_id", "requests", ["state", "created_at", "id"], unique=False)
    op.create_index("ix_requests_target_id_created_at_id", "requests", ["target_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_requests_pending",
        "requests",
        ["state", "policy_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pendingApproval'"),
        postgresql_where=sa.text("state = 'pendingApproval'"),
    )
    op.create_index(
        "uq_requests_one_open",
        "requests",
        ["package_id", "target_id"],
        unique=True,
        sqlite_where=sa.text(
            "state IN ('pendingApproval', 'scheduled', 'delivering') AND type IN ('userAdd', 'adminAdd')"
        ),
        postgresql_where=sa.text(
            "state IN ('pendingApproval', 'scheduled', 'delivering') AND type IN ('userAdd', 'adminAdd')"
        ),
    )
    op.create_index(
        "uq_requests_one_removal",
        "requests",
        ["assignment_id"],
        unique=True,
        sqlite_where=sa.text("state = 'delivering' AND type IN ('userRemove', 'adminRemove', 'approverRemove')"),
        postgresql_where=sa.text("state = 'delivering' AND type IN ('userRemove', 'adminRemove', 'approverRemove')"),
    )
    op.create_index(
        "uq_requests_one_update",
        "requests",
        ["assignment_id"],
        unique=True,
        sqlite_where=sa.text(
            "state IN ('pendingApproval', 'scheduled', 'delivering') AND type IN ('userUpdate', 'adminUpdate')"
        ),
        postgresql_where=sa.text(
            "state IN ('pendingApproval', 'scheduled', 'delivering') AND type IN ('userUpdate', 'adminUpdate')"
        ),
    )

    op.create_table(
        "sessions",
        sa.Column("id_hash", sa.String(length=64), nullable=False, comment="SHA-256 of what the cookie holds"),
        sa.Column(
            "person_id", sa.String(length=36), nullable=False, comment="may be deleted; then nobody is signed in"
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("idle_until", Instant(), nullable=False, comment="moves with use, never beyond ends_at"),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"], unique=False)
    op.create_index("ix_sessions_idle_until", "sessions", ["idle_until"], unique=False)

    op.create_table(
        "resource_roles",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.Column("origin_system", sa.String(length=64), nullable=False),
        sa.Column("origin_id", sa.String(length=512), nullable=False),
        sa.Column("display_name", sa.String(length=256), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name="fk_resource_roles_resource_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_resource_roles"),
    )
    op.create_index("uq_resource_roles_origin", "resource_roles", ["resource_id", "origin_id"], unique=True)
    op.create_index("ix_resource_roles_origin_id", "resource_roles", ["origin_id"], unique=False)

    op.create_table(
        "assignments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("target_id", sa.String(length=36), nullable=False),
        sa.Column("package_id", sa.String(length=36), nullable=False),
        sa.Column("catalog_id", sa.String(length=36), nullable=False),
        sa.Column("policy_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=256), nullable=False),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("delivered_at", Instant(), nullable=True),
        sa.Column(
            "ending_at",
            Instant(),
            nullable=True,
            comment="when its end was settled; revocation is overdue from here",
        ),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("end_cause", sa.String(length=32), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["catalog_id"], ["catalogs.id"], name="fk_assignments_catalog_id"),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name="fk_assignments_package_id"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_assignments_request_id"),
        sa.ForeignKeyConstraint(["target_id"], ["people.id"], name="fk_assignments_target_id"),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
    )
    op.create_index(
        "ix_assignments_catalog_id_created_at_id", "assignments", ["catalog_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_assignments_created_at_id", "assignments", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_assignments_package_id_created_at_id", "assignments", ["package_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_assignments_policy_id", "assignments", ["policy_id"], unique=False)
    op.create_index("ix_assignments_request_id", "assignments", ["request_id"], unique=False)
    op.create_index("ix_assignments_state_created_at_id", "assignments", ["state", "created_at", "id"], unique=False)
    op.create_index(
        "ix_assignments_target_id_created_at_id", "assignments", ["target_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_assignments_due",
        "assignments",
        ["ends_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('delivered', 'partiallyDelivered')"),
        postgresql_where=sa.text("state IN ('delivered', 'partiallyDelivered')"),
    )
    op.create_index(
        "uq_assignments_one_live",
        "assignments",
        ["package_id", "target_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'expired'"),
        postgresql_where=sa.text("state <> 'expired'"),
    )

    op.create_table(
        "grants",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("role_id", sa.String(length=36), nullable=False),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts changes of is_wanted"),
        sa.Column("applied_version", sa.Integer(), nullable=True, comment="what the target system is known to show"),
        sa.Column(
            "existed_before",
            sa.Boolean(),
            nullable=True,
            comment="held before Grantline's first grant; null until looked",
        ),
        sa.Column(
            "account_id",
            sa.String(length=256),
            nullable=True,
            comment="the person in the target's own words, while we gave them the role",
        ),
        sa.Column("lease_id", sa.String(length=36), nullable=True, comment="who is acting on the target system now"),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column(
            "changed_at",
            Instant(),
            nullable=False,
            comment="when is_wanted last changed",
        ),
        sa.Column(
            "drifted_at",
            Instant(),
            nullable=True,
            comment="since when the target system is known to show something else",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_grants_person_id"),
        sa.ForeignKeyConstraint(["role_id"], ["resource_roles.id"], name="fk_grants_role_id"),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
    )
    op.create_index("ix_grants_role_id", "grants", ["role_id"], unique=False)
    op.create_index("uq_grants_person_role", "grants", ["person_id", "role_id"], unique=True)
    op.create_index(
        "ix_grants_drifted",
        "grants",
        ["drifted_at", "id"],
        unique=False,
        sqlite_where=sa.text("drifted_at IS NOT NULL"),
        postgresql_where=sa.text("drifted_at IS NOT NULL"),
    )
    op.create_index(
        "ix_grants_overdue",
        "grants",
        ["changed_at", "id"],
        unique=False,
        sqlite_where=sa.text("NOT is_wanted AND (applied_version IS NULL OR applied_version <> version)"),
        postgresql_where=sa.text("NOT is_wanted AND (applied_version IS NULL OR applied_version <> version)"),
    )

    op.create_table(
        "package_roles",
        sa.Column("package_id", sa.String(length=36), nullable=False),
        sa.Column("role_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id"], ["packages.id"], name="fk_package_roles_package_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["role_id"], ["resource_roles.id"], name="fk_package_roles_role_id"),
        sa.PrimaryKeyConstraint("package_id", "role_id", name="pk_package_roles"),
    )
    op.create_index("ix_package_roles_role_id", "package_roles", ["role_id"], unique=False)

    op.create_table(
        "incompatible_packages",
        sa.Column("package_id", sa.String(length=36), nullable=False),
        sa.Column("incompatible_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id"], ["packages.id"], name="fk_incompatible_packages_package_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["incompatible_id"], ["packages.id"], name="fk_incompatible_packages_incompatible_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("package_id", "incompatible_id", name="pk_incompatible_packages"),
    )
    op.create_index(
        "ix_incompatible_packages_incompatible_id", "incompatible_packages", ["incompatible_id"], unique=False
    )

    op.create_table(
        "incompatible_groups",
        sa.Column("package_id", sa.String(length=36), nullable=False),
        sa.Column("group_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id"], ["packages.id"], name="fk_incompatible_groups_package_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_incompatible_groups_group_id"),
        sa.PrimaryKeyConstraint("package_id", "group_id", name="pk_incompatible_groups"),
    )
    op.create_index("ix_incompatible_groups_group_id", "incompatible_groups", ["group_id"], unique=False)

    op.create_table(
        "stages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("deadline_at", Instant(), nullable=True),
        sa.Column("is_approver_justification_required", sa.Boolean(), nullable=False),
        sa.Column("approver_visibility", sa.String(length=16), nullable=False),
        sa.Column("escalates_at", Instant(), nullable=True, comment="when alternates are asked too; null: never"),
        sa.Column("escalated_at", Instant(), nullable=True),
        sa.Column("reminded_at", Instant(), nullable=True, comment="the last time its approvers were reminded"),
        sa.Column("decision_id", sa.String(length=36), nullable=True),
        sa.Column("decided_by_id", sa.String(length=36), nullable=True),
        sa.Column(
            "decided_for_id",
            sa.String(length=36),
            nullable=True,
            comment="the approver for whom a delegate decided",
        ),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("justification", sa.Text(), nullable=True),
        sa.Column(
            "shortened_to", sa.JSON(none_as_null=True), nullable=True, comment="by this approval; null: it did not"
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name="fk_stages_decided_by_id"),
        sa.ForeignKeyConstraint(["decided_for_id"], ["people.id"], name="fk_stages_decided_for_id"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_stages_request_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_stages"),
        sa.UniqueConstraint("decision_id", name="uq_stages_decision_id"),
    )
    op.create_index(
        "ix_stages_decided",
        "stages",
        ["decided_by_id", "decided_at", "id"],
        unique=False,
        sqlite_where=sa.text("decided_by_id IS NOT NULL"),
        postgresql_where=sa.text("decided_by_id IS NOT NULL"),
    )
    op.create_index("uq_stages_number", "stages", ["request_id", "number"], unique=True)

    op.create_table(
        "grant_reasons",
        sa.Column("grant_id", sa.String(length=36), nullable=False),
        sa.Column("assignment_id", sa.String(length=36), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name="fk_grant_reasons_assignment_id"),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name="fk_grant_reasons_grant_id"),
    )
    op.create_index("ix_grant_reasons_assignment_id", "grant_reasons", ["assignment_id"], unique=False)
    op.create_index("uq_grant_reasons", "grant_reasons", ["grant_id", "assignment_id"], unique=True)

    op.create_table(
        "stage_approvers",
        sa.Column("stage_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column(
            "source", sa.String(length=32), nullable=False, comment="primary, fallback, nextManager, catalogOwner …"
        ),
        sa.Column("is_open", sa.Boolean(), nullable=False, comment="the stage waits for this person now"),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_stage_approvers_person_id"),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name="fk_stage_approvers_request_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["stage_id"], ["stages.id"], name="fk_stage_approvers_stage_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("stage_id", "person_id", name="pk_stage_approvers"),
    )
    op.create_index(
        "ix_stage_approvers_open",
        "stage_approvers",
        ["person_id", "opened_at", "stage_id"],
        unique=False,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index("ix_stage_approvers_request_id", "stage_approvers", ["request_id"], unique=False)

    op.create_table(
        "approval_delegations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("delegator_id", sa.String(length=36), nullable=False),
        sa.Column("delegate_id", sa.String(length=36), nullable=False),
        sa.Column("begins_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=True, comment="null: until it is ended by hand"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["delegate_id"], ["people.id"], name="fk_approval_delegations_delegate_id"),
        sa.ForeignKeyConstraint(["delegator_id"], ["people.id"], name="fk_approval_delegations_delegator_id"),
        sa.PrimaryKeyConstraint("id", name="pk_approval_delegations"),
    )
    for column in ("delegate_id", "delegator_id"):
        op.create_index(f"ix_approval_delegations_{column}", "approval_delegations", [column, "ends_at"], unique=False)

    op.create_table(
        "policy_approvers",
        sa.Column(
            "policy_id",
            sa.String(length=36),
            nullable=False,
            comment="kept when the policy is deleted, as requests keep it",
        ),
        sa.Column("kind", sa.String(length=32), nullable=False, comment="the kind of subject set"),
        sa.Column("subject_id", sa.String(length=36), nullable=False, comment="person or group; empty for the others"),
        sa.PrimaryKeyConstraint("policy_id", "kind", "subject_id", name="pk_policy_approvers"),
    )
    op.create_index("ix_policy_approvers_subject_id", "policy_approvers", ["subject_id", "kind"], unique=False)

    op.create_table(
        "directory_changes",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="switched, moved, members or sponsors"),
        sa.Column("subject_id", sa.String(length=36), nullable=False, comment="the person or group that changed"),
        sa.Column("looked_at", Instant(), nullable=True, comment="when open stages were first looked at because of it"),
        sa.PrimaryKeyConstraint("number", name="pk_directory_changes"),
    )
    op.create_index(
        "ix_directory_changes_new",
        "directory_changes",
        ["number"],
        unique=False,
        sqlite_where=sa.text("looked_at IS NULL"),
        postgresql_where=sa.text("looked_at IS NULL"),
    )

    op.create_table(
        "mail_outbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False, comment="kind, what it is about, to whom: sent once"),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False, comment="empty for who has none"),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "lease_id", sa.String(length=36), nullable=True, comment="who is sending it now, until next_attempt_at"
        ),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True, comment="when it was sent, or given up"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_mail_outbox_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mail_outbox"),
        sa.UniqueConstraint("key", name="uq_mail_outbox_key"),
    )
    op.create_index(
        "ix_mail_outbox_settled",
        "mail_outbox",
        ["settled_at"],
        unique=False,
        sqlite_where=sa.text("state <> 'waiting'"),
        postgresql_where=sa.text("state <> 'waiting'"),
    )
    op.create_index(
        "ix_mail_outbox_waiting",
        "mail_outbox",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )

    op.create_table(
        "custom_extensions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("catalog_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("display_name", sa.String(length=256), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column(
            "waits_seconds",
            sa.Integer(),
            nullable=True,
            comment="how long a request waits for the answer; null: it does not",
        ),
        sa.Column("names_approvers", sa.Boolean(), nullable=False),
        sa.Column("on_timeout", sa.String(length=16), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("modified_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["catalog_id"], ["catalogs.id"], name="fk_custom_extensions_catalog_id"),
        sa.PrimaryKeyConstraint("id", name="pk_custom_extensions"),
    )
    op.create_index("ix_custom_extensions_catalog_id", "custom_extensions", ["catalog_id"], unique=False)
    op.create_index(
        "uq_custom_extensions_name",
        "custom_extensions",
        ["catalog_id", "display_name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )

    op.create_table(
        "fulfilment_tasks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False, comment="grant or revoke"),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("resource_origin_id", sa.String(length=512), nullable=False),
        sa.Column("role_origin_id", sa.String(length=512), nullable=False),
        sa.Column(
            "grant_id", sa.String(length=36), nullable=True, comment="the grant it is about; null outside of one"
        ),
        sa.Column(
            "assignment_id", sa.String(length=36), nullable=True, comment="what it is done for; null outside of one"
        ),
        sa.Column(
            "grant_version", sa.Integer(), nullable=False, comment="what was wanted of the grant when it was asked"
        ),
        sa.Column("summary", sa.String(length=600), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("settled_by_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_fulfilment_tasks_person_id"),
        sa.ForeignKeyConstraint(["settled_by_id"], ["people.id"], name="fk_fulfilment_tasks_settled_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_fulfilment_tasks"),
    )
    op.create_index("ix_fulfilment_tasks_grant_id", "fulfilment_tasks", ["grant_id"], unique=False)
    op.create_index(
        "ix_fulfilment_tasks_open",
        "fulfilment_tasks",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_fulfilment_tasks_person_id", "fulfilment_tasks", ["person_id"], unique=False)
    op.create_index(
        "uq_fulfilment_tasks_one_open",
        "fulfilment_tasks",
        ["person_id", "resource_origin_id", "role_origin_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )

    op.create_table(
        "resource_fulfillers",
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="person or group"),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name="fk_resource_fulfillers_resource_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", "kind", "subject_id", name="pk_resource_fulfillers"),
    )

    op.create_table(
        "callouts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column(
            "key", sa.String(length=200), nullable=False, comment="what it is about, point, extension: called once"
        ),
        sa.Column("extension_id", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("assignment_id", sa.String(length=36), nullable=True),
        sa.Column("point", sa.String(length=64), nullable=False),
        sa.Column(
            "stage_number", sa.Integer(), nullable=False, comment="the stage whose approvers it determines; 0: none"
        ),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("on_timeout", sa.String(length=16), nullable=False),
        sa.Column("delivery", sa.String(length=16), nullable=False),
        sa.Column("hold", sa.String(length=16), nullable=True, comment="null where nothing waits for the answer"),
        sa.Column("times_out_at", Instant(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True, comment="what the answer says"),
        sa.Column(
            "answered_by_id",
            sa.String(length=128),
            nullable=True,
            comment="the administrator who answered in its place",
        ),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=False),
        sa.Column("gives_up_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_id", sa.String(length=36), nullable=True, comment="who is calling now, until next_attempt_at"),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True, comment="when the call was taken, or given up"),
        sa.ForeignKeyConstraint(["extension_id"], ["custom_extensions.id"], name="fk_callouts_extension_id"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_callouts_request_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_callouts"),
        sa.UniqueConstraint("key", name="uq_callouts_key"),
    )
    op.create_index("ix_callouts_assignment_id", "callouts", ["assignment_id"], unique=False)
    op.create_index("ix_callouts_request_id", "callouts", ["request_id"], unique=False)
    op.create_index(
        "ix_callouts_waiting",
        "callouts",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("delivery = 'waiting'"),
        postgresql_where=sa.text("delivery = 'waiting'"),
    )
    op.create_index(
        "uq_callouts_one_hold",
        "callouts",
        ["request_id"],
        unique=True,
        sqlite_where=sa.text("hold = 'open'"),
        postgresql_where=sa.text("hold = 'open'"),
    )

    op.create_table(
        "policy_extensions",
        sa.Column("policy_id", sa.String(length=36), nullable=False),
        sa.Column("extension_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["extension_id"], ["custom_extensions.id"], name="fk_policy_extensions_extension_id"),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policies.id"], name="fk_policy_extensions_policy_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("policy_id", "extension_id", name="pk_policy_extensions"),
    )
    op.create_index("ix_policy_extensions_extension_id", "policy_extensions", ["extension_id"], unique=False)

    op.create_table(
        "package_changes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("package_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=600), nullable=False, comment="the role and its resource, for people"),
        sa.Column("reason", sa.Text(), nullable=True, comment="what whoever loses it reads"),
        sa.Column("actor_id", sa.String(length=128), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("holders", sa.Integer(), nullable=False, comment="who held the package when it was changed"),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.String(length=36), nullable=True, comment="the last holder that was looked at"),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.Column(
            "superseded_by",
            sa.String(length=36),
            nullable=True,
            comment="a later change that goes on in its place",
        ),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name="fk_package_changes_package_id"),
        sa.PrimaryKeyConstraint("id", name="pk_package_changes"),
    )
    op.create_index("ix_package_changes_created_at_id", "package_changes", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_package_changes_open",
        "package_changes",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("completed_at IS NULL"),
        postgresql_where=sa.text("completed_at IS NULL"),
    )
    op.create_index(
        "ix_package_changes_package_id_created_at", "package_changes", ["package_id", "created_at"], unique=False
    )

    op.create_table(
        "controls",
        sa.Column("name", sa.String(length=64), nullable=False, comment="a switch without a row stands at its default"),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_controls"),
    )

    op.create_table(
        "role_assignments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=48), nullable=False),
        sa.Column("principal_kind", sa.String(length=16), nullable=False),
        sa.Column("principal_id", sa.String(length=128), nullable=False, comment="of an application its actor's id"),
        sa.Column("catalog_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["catalog_id"], ["catalogs.id"], name="fk_role_assignments_catalog_id"),
        sa.PrimaryKeyConstraint("id", name="pk_role_assignments"),
    )
    op.create_index(
        "ix_role_assignments_catalog_id", "role_assignments", ["catalog_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_role_assignments_created_at_id", "role_assignments", ["created_at", "id"], unique=False)
    op.create_index(
        "uq_role_assignments_everywhere",
        "role_assignments",
        ["principal_id", "role"],
        unique=True,
        sqlite_where=sa.text("catalog_id IS NULL"),
        postgresql_where=sa.text("catalog_id IS NULL"),
    )
    op.create_index(
        "uq_role_assignments_there",
        "role_assignments",
        ["principal_id", "role", "catalog_id"],
        unique=True,
        sqlite_where=sa.text("catalog_id IS NOT NULL"),
        postgresql_where=sa.text("catalog_id IS NOT NULL"),
    )

    op.execute(sa.text("INSERT INTO audit_head (id, number, hash) VALUES (1, 0, '" + "0" * 64 + "')"))
    dialect = op.get_bind().dialect.name
    for statement in (*APPEND_ONLY[dialect], *directory_triggers.STATEMENTS[dialect]):
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Take everything away."""
    for table in (
        "role_assignments",
        "fulfilment_tasks",
        "resource_fulfillers",
        "callouts",
        "policy_extensions",
        "custom_extensions",
        "directory_changes",
        "policy_approvers",
        "approval_delegations",
        "controls",
        "package_changes",
        "mail_outbox",
        "sessions",
        "stage_approvers",
        "grant_reasons",
        "stages",
        "incompatible_groups",
        "incompatible_packages",
        "package_roles",
        "grants",
        "assignments",
        "resource_roles",
        "requests",
        "policy_subjects",
        "policies",
        "resources",
        "resource_requests",
        "packages",
        "person_sponsors",
        "group_owners",
        "group_members",
        "people",
        "outbox",
        "kept_answers",
        "idempotency_keys",
        "groups",
        "catalogs",
        "audit_head",
        "audit_events",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for function in ("grantline_append_only", *directory_triggers.FUNCTIONS):
            op.execute(sa.text(f"DROP FUNCTION {function}()"))
