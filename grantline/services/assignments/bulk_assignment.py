"""Assigning one package to many, directly, from a list or a group (EF-089).

Each target is a submit of its own: judged on its own, with a transaction of its
own, and with its own answer. So nobody waits for five hundred, approval and
separation of duties are asked as ever, and what was done before a crash stays
done. A key of the caller's makes a key for every target: sent again, the list
goes on where it was, and who has their request already gets the same one.
"""

import hashlib
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace

from grantline.errors import Conflict, InvalidInput, NotFound, Refused
from grantline.model.person import Actor, Person
from grantline.model.request import Ask, RequestType, Schedule
from grantline.persistence import facts, groups, identities, people, related
from grantline.persistence.database import Database, Transaction
from grantline.persistence.listing import ListQuery
from grantline.persistence.whereabouts import Noun
from grantline.rules.permissions import Task
from grantline.services import authority
from grantline.services.requests.submission import submit
from grantline.services.requests.submitted import Idempotency, Submitted

MOST_TARGETS = 500
"""People in one call. Each is judged and written in turn, and somebody waits for the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """One package under one policy, for everybody who is listed, by id, mail or whatever name, or is in the group."""

    package_id: str
    policy_id: str | None
    target_ids: tuple[str, ...] = ()
    target_mails: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    group_id: str | None = None
    schedule: Schedule = Schedule()
    justification: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one target: a request, or the refusal of one.

    `named` is the target as the list has it, `person` who that is. `same_as` is
    how the list named them before, where a name of theirs comes again.
    """

    named: str
    person: Person | None
    submitted: Submitted | None = None
    refusal: Refused | None = None
    same_as: str | None = None


async def assign(
    db: Database, actor: Actor, bulk: Bulk, *, idempotency: Idempotency | None, administrators: Collection[str]
) -> AsyncIterator[Line]:
    """Assign to one after the other, each target once however often it is listed, and tell of each as it is done.

    Of names each is told, for a list that somebody wrote has lines; ids that come again are passed over.

    Raises:
        NotAllowed: no role of the actor's reaches the package.
        InvalidInput: there is no such package for the actor, nobody is listed, or too many.
        NotFound: there is no such group.
    """
    await authority.require_named(db, actor, Task.ASSIGN, (Noun.PACKAGE, bulk.package_id), target="accessPackageId")
    targets = await _targets(db, bulk)
    done: dict[str, str] = {}
    for named, person in targets:
        if isinstance(person, Refused):
            yield Line(named=named, person=None, refusal=person)
        elif person.id in done:
            if named in bulk.target_names:
                yield Line(named=named, person=person, same_as=done[person.id])
        else:
            done[person.id] = named
            yield await _assign(db, actor, _ask(bulk, person), (named, person), idempotency, administrators)


async def _assign(  # noqa: PLR0917  (who assigns what to whom, once)
    db: Database,
    actor: Actor,
    ask: Ask,
    target: tuple[str, Person],
    idempotency: Idempotency | None,
    administrators: Collection[str],
) -> Line:
    line = Line(named=target[0], person=target[1])
    key = _key_for(target[1].id, idempotency) if idempotency else None
    try:
        submitted = await submit(db, actor, ask, idempotency=key, administrators=administrators)
    except Refused as refusal:
        return replace(line, refusal=refusal)
    return replace(line, submitted=submitted)


def _ask(bulk: Bulk, person: Person) -> Ask:
    return Ask(
        type=RequestType.ADMIN_ADD,
        package_id=bulk.package_id,
        policy_id=bulk.policy_id,
        target_id=person.id,
        justification=bulk.justification,
        schedule=bulk.schedule,
    )


def _key_for(target_id: str, idempotency: Idempotency) -> Idempotency:
    both = hashlib.sha256(f"{idempotency.key} {target_id}".encode()).hexdigest()
    return replace(idempotency, key=f"bulk {both}")


async def _targets(db: Database, bulk: Bulk) -> list[tuple[str, Person | Refused]]:
    """Return everybody listed, in the order of the list; of whom the directory has not one person, why."""
    _refuse_many(len(bulk.target_ids) + len(bulk.target_mails) + len(bulk.target_names))
    async with db.read() as tx:
        by_mail = {mail: await facts.person_id_by_mail(tx, mail) for mail in bulk.target_mails}
        members = await _members(tx, bulk.group_id) if bulk.group_id else []
        named = await identities.by_any_name(tx, bulk.target_names)
        known = await related.people_by_id(tx, {*bulk.target_ids, *filter(None, by_mail.values())})
    listed = [(target_id, known.get(target_id) or _nobody(target_id)) for target_id in bulk.target_ids]
    listed += [(mail, known.get(found or "") or _nobody(mail)) for mail, found in by_mail.items()]
    listed += [(name, _only(name, named[name])) for name in bulk.target_names]
    listed += [(member.id, member) for member in members]
    if not listed:
        raise InvalidInput(
            "Nobody is listed: name people in targetIds, targetMails or targetNames, or in groupId a group with "
            "members.",
            target="targetIds",
        )
    _refuse_many(len(listed))
    return listed


def _nobody(named: str) -> NotFound:
    return NotFound(f"There is nobody '{named}' in the directory.")


def _only(name: str, found: Sequence[Person]) -> Person | Refused:
    """Return the one person of a name; whoever wrote a name that several have did not say whom they mean."""
    if len(found) > 1:
        who = " and ".join(sorted(one.user_principal_name for one in found))
        return Conflict(f"'{name}' is {who}; name the one you mean by the sign-in name.")
    return found[0] if found else _nobody(name)


async def _members(tx: Transaction, group_id: str) -> list[Person]:
    if await groups.by_id(tx, group_id) is None:
        raise NotFound(f"There is no group {group_id!r}.", target="groupId")
    page = await people.members_page(tx, group_id, ListQuery(top=MOST_TARGETS + 1))
    return [profile.person for profile in page.rows]


def _refuse_many(count: int) -> None:
    if count > MOST_TARGETS:
        raise InvalidInput(
            f"More than {MOST_TARGETS} people are listed ({count} or more); send {MOST_TARGETS} at most in one call, "
            "and the others in the next.",
            target="targetIds",
        )
