"""Assignment policies. A policy is always written whole."""

from collections.abc import Iterable
from dataclasses import replace

from grantline.ambient import new_id, utc_now
from grantline.errors import InUse, InvalidInput, NotFound
from grantline.model.policy import Policy
from grantline.persistence import packages as package_store
from grantline.persistence import policies as store
from grantline.persistence.database import Database, Transaction
from grantline.services.configuration import custom_extensions as custom_extensions_configuration
from grantline.services.configuration import policy_checks, question_checks
from grantline.services.configuration.changes import record_changed, record_created, record_deleted


async def create_policy(db: Database, actor_id: str | None, draft: Policy) -> Policy:
    """Make a policy of the package that the draft names; ids and stamps of the draft do not count."""
    now = utc_now()
    questions = question_checks.identified(draft.questions)
    new = replace(draft, id=new_id(), questions=questions, created_at=now, modified_at=now)
    policy_checks.check(new, now)
    async with db.write() as tx:
        # Locked, so that the package cannot be deleted before the policy is in it.
        if await package_store.package(tx, new.package_id, lock=True) is None:
            raise InvalidInput(f"There is no access package {new.package_id}.", target="accessPackage/id")
        await _check_subjects(tx, new)
        await custom_extensions_configuration.check_policy(tx, new)
        await store.insert_policy(tx, new)
        await custom_extensions_configuration.record_names(tx, new)
        record_created(tx, actor_id, "policy", new)
    return new


async def replace_policy(
    db: Database,
    actor_id: str | None,
    policy_id: str,
    draft: Policy,
    *,
    keeps_questions: bool = False,
    keeps_extensions: bool = False,
) -> Policy:
    """Write a policy anew. Requests keep the plan that was made when they came.

    The draft's package may be empty; another than the policy's own is refused.
    With `keeps_questions` the policy asks what it asked before, whatever the draft
    says; with `keeps_extensions` it calls whom it called before.
    """
    now = utc_now()
    async with db.write() as tx:
        before = await _policy(tx, policy_id)
        if draft.package_id not in ("", before.package_id):
            raise InvalidInput(
                f"The policy belongs to the access package {before.package_id} and stays there; "
                "make a new policy for another.",
                target="accessPackage/id",
            )
        drafts = before.questions if keeps_questions else draft.questions
        after = replace(
            draft,
            id=policy_id,
            package_id=before.package_id,
            questions=question_checks.identified(drafts, before.questions),
            extensions=before.extensions if keeps_extensions else draft.extensions,
            created_at=before.created_at,
            modified_at=before.modified_at,
        )
        policy_checks.check(after, now, before)
        if after == before:
            return before
        after = replace(after, modified_at=now)
        await _check_subjects(tx, after, before)
        await custom_extensions_configuration.check_policy(tx, after)
        await store.update_policy(tx, after)
        await custom_extensions_configuration.record_names(tx, after)
        record_changed(tx, actor_id, "policy", before, after)
    return after


async def delete_policy(db: Database, actor_id: str | None, policy_id: str) -> None:
    """Delete a policy that nothing live was given or asked under."""
    async with db.write() as tx:
        policy = await _policy(tx, policy_id)
        held, asked = await package_store.live_uses(tx, policy_id=policy_id)
        if held:
            raise InUse(
                f"Assignments under '{policy.display_name}' have not ended; remove them first. "
                "To stop new requests, set the policy's enable… switches to false."
            )
        if asked:
            raise InUse(f"'{policy.display_name}' has open requests; decide or cancel them first.")
        await store.delete_policy(tx, policy_id)
        record_deleted(tx, actor_id, "policy", policy)


async def _check_subjects(tx: Transaction, policy: Policy, before: Policy | None = None) -> None:
    """Refuse people and groups that do not exist; those already named before may have left since."""
    users, groups = policy_checks.named_subjects(policy)
    known_users, known_groups = policy_checks.named_subjects(before) if before else ({}, {})
    no_users, no_groups = await store.unknown_subjects(tx, users.keys() - known_users, groups.keys() - known_groups)
    _refuse_first("user", users, no_users)
    _refuse_first("group", groups, no_groups)


def _refuse_first(noun: str, mentions: dict[str, str], unknown: Iterable[str]) -> None:
    for subject_id, path in mentions.items():
        if subject_id in unknown:
            raise InvalidInput(f"There is no {noun} {subject_id}, which {path} names.", target=path)


async def _policy(tx: Transaction, policy_id: str) -> Policy:
    policy = await store.policy(tx, policy_id, lock=True)
    if policy is None:
        raise NotFound(f"There is no assignment policy {policy_id}.")
    return policy
