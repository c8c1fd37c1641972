"""Assignment policies, and the people in them as rows.

Beside its row a policy has rows in `policy_subjects`, which say the same as
its settings about people, so that the database can answer who may ask for
what (`requestable.py`), and rows in `policy_approvers`, by which open stages
are found that a change of the directory can touch. `insert_policy` and `update_policy` keep them in step.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, delete, insert, select, text, update

from grantline.model.policy import Policy, StageSettings, TargetScope
from grantline.model.subjects import GroupMembers, SingleUser, SubjectSet, TargetManager
from grantline.persistence import policy_codec
from grantline.persistence.database import Transaction
from grantline.persistence.listing import Field, Fields
from grantline.persistence.tables import groups, packages, people, policies, policy_subjects

POLICY_FIELDS: Fields = {
    "id": policies.c.id,
    "displayName": policies.c.display_name,
    "description": policies.c.description,
    "allowedTargetScope": Field(
        column=policies.c.target_scope, members={scope.value: scope.value for scope in TargetScope}
    ),
    "createdDateTime": policies.c.created_at,
    "modifiedDateTime": policies.c.modified_at,
    "accessPackage/id": policies.c.package_id,
    "accessPackage/displayName": packages.c.display_name,
    "catalog/id": packages.c.catalog_id,
}
POLICY_KEY = (policies.c.display_name, policies.c.id)
POLICY_CATALOG_ID = packages.c.catalog_id

SELF, TARGET, REQUESTOR = "self", "target", "requestor"
"""Parts of a policy: targets who may ask for themselves, all targets, people who may ask for targets."""
EVERYONE = "everyone"

# As text: SQLAlchemy never caches its own ON CONFLICT.
_KEEP_APPROVER = text(
    "INSERT INTO policy_approvers (policy_id, kind, subject_id) VALUES (:policy, :kind, :subject)"
    " ON CONFLICT DO NOTHING"
)


def all_policies() -> Select[Any]:
    """Select every policy, for a list."""
    return select(policies).join(packages, packages.c.id == policies.c.package_id)


async def policy(tx: Transaction, policy_id: str, *, lock: bool = False) -> Policy | None:
    """Return the policy, if there is one; `lock` keeps others from changing it until commit."""
    statement = select(policies).where(policies.c.id == policy_id)
    row = await tx.first(statement.with_for_update() if lock else statement)
    return policy_codec.decode(row) if row else None


async def policies_of(tx: Transaction, package_ids: Sequence[str]) -> dict[str, list[Policy]]:
    """Return the policies of each package, by name."""
    found: dict[str, list[Policy]] = {package_id: [] for package_id in package_ids}
    if not package_ids:
        return found
    rows = await tx.all(
        select(policies)
        .where(policies.c.package_id.in_(set(package_ids)))
        .order_by(policies.c.display_name, policies.c.id)
    )
    for row in rows:
        found[row.package_id].append(policy_codec.decode(row))
    return found


async def insert_policy(tx: Transaction, new: Policy) -> None:
    """Write a new policy."""
    await tx.execute(insert(policies).values(policy_codec.encode(new)))
    await _insert_subjects(tx, new)
    await keep_approvers(tx, new.id, new.approval_settings.stages)


async def update_policy(tx: Transaction, changed: Policy) -> None:
    """Write a changed policy, whole."""
    await tx.changed(update(policies).where(policies.c.id == changed.id).values(policy_codec.encode(changed)))
    await tx.changed(delete(policy_subjects).where(policy_subjects.c.policy_id == changed.id))
    await _insert_subjects(tx, changed)
    await keep_approvers(tx, changed.id, changed.approval_settings.stages)


async def delete_policy(tx: Transaction, policy_id: str) -> None:
    """Delete a policy; requests and assignments keep its id and their own plan."""
    await tx.changed(delete(policies).where(policies.c.id == policy_id))


async def keep_approvers(tx: Transaction, policy_id: str, stages: Iterable[StageSettings]) -> set[tuple[str, str]]:
    """Note whom stages under a policy name, and return who is new, by kind and id.

    They stay beside whom the policy ever named: requests under way keep their own plan.
    """
    return {
        (kind, subject_id)
        for kind, subject_id in _approver_subjects(stages)
        if await tx.changed(_KEEP_APPROVER, {"policy": policy_id, "kind": kind, "subject": subject_id})
    }


async def unknown_subjects(
    tx: Transaction, user_ids: Iterable[str], group_ids: Iterable[str]
) -> tuple[set[str], set[str]]:
    """Return which of these people and groups do not exist."""
    wanted_users, wanted_groups = set(user_ids), set(group_ids)
    found_users = await tx.all(select(people.c.id).where(people.c.id.in_(wanted_users))) if wanted_users else []
    # Locked, so that a group cannot go while the policy that names it is being written.
    found_groups = (
        await tx.all(select(groups.c.id).where(groups.c.id.in_(wanted_groups)).with_for_update(read=True))
        if wanted_groups
        else []
    )
    return wanted_users - {row.id for row in found_users}, wanted_groups - {row.id for row in found_groups}


async def _insert_subjects(tx: Transaction, policy_: Policy) -> None:
    rows = list(_subject_rows(policy_))
    if rows:
        await tx.execute(insert(policy_subjects), rows)


def _approver_subjects(stages: Iterable[StageSettings]) -> set[tuple[str, str]]:
    return {
        (subject.kind, _named_by(subject))
        for stage in stages
        for subjects in (
            stage.primary_approvers,
            stage.fallback_approvers,
            stage.escalation_approvers,
            stage.fallback_escalation_approvers,
        )
        for subject in subjects
    }


def _named_by(subject: SubjectSet) -> str:
    match subject:
        case SingleUser(user_id=named) | GroupMembers(group_id=named):
            return named
        case _:
            return ""


def _subject_rows(policy_: Policy) -> Iterable[dict[str, Any]]:
    """Say what the policy's settings say about people; a set that is named twice is one row."""
    subjects: dict[tuple[str, str, str], int] = {}
    targets = list(_targets(policy_))
    parts = [TARGET, SELF] if policy_.requestor_settings.self_add else [TARGET]
    for part in parts:
        subjects.update(dict.fromkeys([(part, *target) for target in targets], 0))
    if policy_.requestor_settings.on_behalf_add:
        for subject in policy_.requestor_settings.on_behalf_requestors:
            kind, subject_id, level = _subject(subject)
            key = (REQUESTOR, kind, subject_id)
            subjects[key] = max(level, subjects.get(key, 0))
    for (part, kind, subject_id), level in subjects.items():
        yield {
            "policy_id": policy_.id,
            "part": part,
            "kind": kind,
            "subject_id": subject_id,
            "manager_level": level,
        }


def _targets(policy_: Policy) -> Iterable[tuple[str, str]]:
    if policy_.target_scope in (TargetScope.ALL_MEMBERS, TargetScope.ALL_USERS):
        yield EVERYONE, ""
    elif policy_.target_scope is TargetScope.SPECIFIC:
        for subject in policy_.specific_allowed_targets:
            kind, subject_id, _ = _subject(subject)
            yield kind, subject_id


def _subject(subject: SubjectSet) -> tuple[str, str, int]:
    match subject:
        case SingleUser():
            return subject.kind, subject.user_id, 0
        case GroupMembers():
            return subject.kind, subject.group_id, 0
        case TargetManager():
            return subject.kind, "", subject.manager_level
        case _:
            raise AssertionError(f"{subject.kind} names neither targets nor requestors (this is a bug)")
