"""Assigning one package to many, directly, from a list or a group (EF-089).

Each target is a submit of its own: judged on its own, with a transaction of its
own, and with its own answer. So nobody waits for five hundred, approval and
separation of duties are asked as ever, and what was done before a crash stays
done. A key of the caller's makes a key for every target: sent again, the list
goes on where it was, and who has their request already gets the same one.
"""

import hashlib
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, replace

from grantline.errors import InvalidInput, NotFound, Refused
from grantline.model.person import Actor, Person
from grantline.model.request import Ask, RequestType, Schedule
from grantline.persistence import facts, groups, people, related
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
    """One package under one policy, for everybody who is listed, by id or mail, or is in the group."""

    package_id: str
    policy_id: str | None
    target_ids: tuple[str, ...] = ()
    target_mails: tuple[str, ...] = ()
    group_id: str | None = None
    schedule: Schedule = Schedule()
    justification: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one target: a request, or the refusal of one.

    `named` is the target as the list has it, `person` who that is.
    """

    named: str
    person: Person | None
    submitted: Submitted | None = None
    refusal: Refused | None = None


async def assign(
    db: Database, actor: Actor, bulk: Bulk, *, idempotency: Idempotency | None, administrators: Collection[str]
) -> AsyncIterator[Line]:
    """Assign to one after the other, each target once however often it is listed, and tell of each as it is done.

    Raises:
        NotAllowed: no role of the actor's reaches the package.
        InvalidInput: there is no such package for the actor, nobody is listed, or too many.
        NotFound: there is no such group.
    """
    await authority.require_named(db, actor, Task.ASSIGN, (Noun.PACKAGE, bulk.package_id), target="accessPackageId")
    targets = await _targets(db, bulk)
    done: set[str] = set()
    for named, person in targets:
        if person is None:
            yield Line(named=named, person=None, refusal=NotFound(f"There is nobody '{named}' in the directory."))
        elif person.id not in done:
            done.add(person.id)
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


async def _targets(db: Database, bulk: Bulk) -> list[tuple[str, Person | None]]:
    """Return everybody listed, in the order of the list; who is not in the directory has no person."""
    _refuse_many(len(bulk.target_ids) + len(bulk.target_mails))
    async with db.read() as tx:
        by_mail = {mail: await facts.person_id_by_mail(tx, mail) for mail in bulk.target_mails}
        members = await _members(tx, bulk.group_id) if bulk.group_id else []
        known = await related.people_by_id(tx, {*bulk.target_ids, *filter(None, by_mail.values())})
    listed = [(target_id, known.get(target_id)) for target_id in bulk.target_ids]
    listed += [(mail, known.get(found or "")) for mail, found in by_mail.items()]
    listed += [(member.id, member) for member in members]
    if not listed:
        raise InvalidInput(
            "Nobody is listed: name people in targetIds or targetMails, or a group with members in groupId.",
            target="targetIds",
        )
    _refuse_many(len(listed))
    return listed


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
