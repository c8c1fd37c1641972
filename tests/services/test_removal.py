"""Taking access back before its time: by whom, and what is on record of it."""

from dataclasses import replace

import pytest

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.assignment import EndCause
from grantline.model.briefing import RemoveSignal
from grantline.model.person import Person
from grantline.model.request import Ask, RequestState, RequestType
from grantline.persistence.database import Database
from grantline.services.assignments import lifecycle
from grantline.services.requests.submission import Idempotency, Submitted, submit
from tests.cast import ADA, BEA, BOB, EVE, LEO, MAX, MIA, acting, fixed_id
from tests.packages import PAYROLL, hold
from tests.services.scene import (
    ON_BEHALF,
    ask_for,
    events,
    furnish,
    given,
    grants_now,
    held_now,
    policy,
    removing,
    request_now,
    trail,
)

USER, ADMIN = RequestType.USER_REMOVE, RequestType.ADMIN_REMOVE


async def held_by_leo(db: Database) -> str:
    """Give Leo the package, asked by Mia; return the assignment's id."""
    held = await given(db, requestor=MIA, target=LEO, by=BOB)
    await lifecycle.record_delivery(db, held.assignment_id, {})
    return held.assignment_id


def signal_of(submitted: Submitted) -> RemoveSignal:
    """Return the signal that a removal posted."""
    (message,) = submitted.messages
    assert isinstance(message.body, RemoveSignal)
    assert message.subject_id == submitted.request.assignment_id
    return message.body


@pytest.mark.parametrize(
    ("who", "asked", "kind", "cause"),
    [
        (LEO, USER, USER, EndCause.REMOVED_BY_TARGET),
        (MIA, USER, USER, EndCause.REMOVED_ON_BEHALF),
        (ADA, ADMIN, ADMIN, EndCause.REMOVED_BY_ADMINISTRATOR),
        (ADA, USER, ADMIN, EndCause.REMOVED_BY_ADMINISTRATOR),
    ],
    ids=["the holder", "the manager", "an administrator", "an administrator like a user"],
)
async def test_access_is_taken_back(
    database: Database, who: Person, asked: RequestType, kind: RequestType, cause: EndCause
) -> None:
    await furnish(database)
    assignment_id = await held_by_leo(database)

    submitted = await submit(database, acting(who), removing(assignment_id, asked))

    request = submitted.request
    assert (request.type, request.state, request.status) == (kind, RequestState.DELIVERING, "Delivering")
    assert (request.requestor_id, request.target_id, request.assignment_id) == (who.id, LEO.id, assignment_id)
    assert await request_now(database, request.id) == request
    assert (await held_now(database, assignment_id)).state == "delivered"
    ending = await lifecycle.end(database, assignment_id, utc_now(), signal_of(submitted))
    assert (ending.is_ended, ending.cause, len(ending.grants)) == (True, cause, 1)
    assert await grants_now(database) == [(LEO.id, PAYROLL.read, False)]
    with pytest.raises(errors.AlreadyAssigned, match="is losing"):
        await ask_for(database, MIA, LEO)
    await lifecycle.record_ended(database, assignment_id)
    done = await request_now(database, request.id)
    assert (done.state, done.status) == (RequestState.DELIVERED, "Delivered")
    held = await held_now(database, assignment_id)
    assert (held.state, held.end_cause, held.ended_at is not None) == ("expired", cause.value, True)
    assert (await trail(database))[-3:] == ["removal.requested", "assignment.ending", "assignment.ended"]
    for kind_of_event in ("removal.requested", "assignment.ending"):
        (told,) = await events(database, kind_of_event)
        on_behalf_of = None if who is LEO else LEO.id
        assert (told.actor_id, told.on_behalf_of_id, told.reason) == (who.id, on_behalf_of, "Moved on")
    assert (await ask_for(database, MIA, LEO)).request.state is RequestState.PENDING_APPROVAL


async def test_the_policy_says_who_but_administrators_may_remove(database: Database) -> None:
    settings = replace(ON_BEHALF, self_remove=False, on_behalf_remove=False)
    await furnish(database, policy(requestor_settings=settings))
    assignment_id = await held_by_leo(database)
    for who in (LEO, MIA):
        with pytest.raises(errors.RemovalNotAllowed, match="ask an administrator"):
            await submit(database, acting(who), removing(assignment_id))
        with pytest.raises(errors.NotAllowed, match="may not assign directly"):
            await submit(database, acting(who), removing(assignment_id, ADMIN))
    for stranger in (EVE, BEA, MAX):
        with pytest.raises(errors.NotFound, match=f"There is no assignment {assignment_id}"):
            await submit(database, acting(stranger), removing(assignment_id))
    assert (await trail(database))[-1] == "request.delivered"


async def test_what_is_being_removed_or_gone_is_not_removed_again(database: Database) -> None:
    await furnish(database)
    assignment_id = await held_by_leo(database)
    first = await submit(database, acting(MIA), removing(assignment_id))
    with pytest.raises(errors.AssignmentEnded, match=f"Request {first.request.id} is removing"):
        await submit(database, acting(LEO), removing(assignment_id))
    await lifecycle.end(database, assignment_id, utc_now(), signal_of(first))
    with pytest.raises(errors.AssignmentEnded, match="it is ending"):
        await submit(database, acting(LEO), removing(assignment_id))
    await lifecycle.record_ended(database, assignment_id)
    with pytest.raises(errors.AssignmentEnded, match="it is expired"):
        await submit(database, acting(ADA), removing(assignment_id, ADMIN))
    late = await lifecycle.end(database, assignment_id, utc_now(), signal_of(first))
    assert (late.is_ended, late.cause) == (True, EndCause.REMOVED_ON_BEHALF)


async def test_a_removal_is_submitted_once_per_key(database: Database) -> None:
    await furnish(database)
    assignment_id = await held_by_leo(database)
    key = Idempotency(key="k", body_hash="a" * 64)
    first = await submit(database, acting(LEO), removing(assignment_id), idempotency=key)
    again = await submit(database, acting(LEO), removing(assignment_id), idempotency=key)
    assert (again.request, again.messages, again.is_repeat) == (first.request, (), True)


async def test_a_removal_names_its_assignment(sqlite_database: Database) -> None:
    await furnish(sqlite_database)
    with pytest.raises(errors.InvalidInput, match=r"assignment\.id is missing"):
        await submit(sqlite_database, acting(LEO), Ask(type=USER))
    with pytest.raises(errors.NotFound):
        await submit(sqlite_database, acting(ADA), removing(fixed_id("x"), ADMIN))


async def test_time_that_is_up_first_completes_the_removal_too(database: Database) -> None:
    await furnish(database)
    assignment_id = await held_by_leo(database)
    removal = await submit(database, acting(MIA), removing(assignment_id))
    other = replace(signal_of(removal), removal_id=fixed_id("of another assignment"))
    assert (await lifecycle.end(database, assignment_id, utc_now(), other)).is_ended is False
    await lifecycle.end(database, assignment_id, utc_now(), signal_of(removal))
    await lifecycle.record_ended(database, assignment_id)
    assert (await request_now(database, removal.request.id)).state is RequestState.DELIVERED


async def test_two_packages_that_share_a_role_do_not_cut_each_other_short(database: Database) -> None:
    await furnish(database)
    assignment_id = await held_by_leo(database)
    async with database.write() as tx:
        await hold(tx, "month end", LEO, PAYROLL.read, at=utc_now())
    removal = await submit(database, acting(LEO), removing(assignment_id))
    await lifecycle.end(database, assignment_id, utc_now(), signal_of(removal))
    assert await grants_now(database) == [(LEO.id, PAYROLL.read, True)]
