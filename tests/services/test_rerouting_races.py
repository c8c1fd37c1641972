"""A delegate's decision, the end of the delegation, a re-routing and a reassignment at one instant: one outcome."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grantline import errors
from grantline.model.request import RequestState, StageState, Verdict
from grantline.persistence.database import Database
from grantline.services.approvals import rerouting
from grantline.services.approvals.decisions import decide
from grantline.services.approvals.delegations import delegate, end
from grantline.services.approvals.reassignment import reassign
from grantline.services.directory import people_and_groups as directory
from grantline.services.requests import cancellation
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, MIA, OWNERS, acting
from tests.services.scene import ask_for, change_person, events, furnish, request_now, stages_now
from tests.services.test_delegations import is_furnished
from tests.services.test_races import ROUNDS, at_once


async def test_a_decision_in_place_and_the_end_of_it_at_one_instant(database: Database) -> None:
    await furnish(database)
    for turn in ROUNDS:
        made = await delegate(database, acting(BOB), CY.id)
        request_id = (await ask_for(database, MIA, LEO)).request.id

        _, lost = await at_once(
            decide(database, CY.id, request_id, None, Verdict.DENY, None),
            end(database, acting(BOB), made.id),
            backwards=turn % 2 == 1,
        )

        (found,) = await stages_now(database, request_id)
        if lost:
            assert [type(one) for one in lost] == [errors.NotFound]
            assert found.stage.state is StageState.OPEN
            await cancellation.cancel(database, acting(MIA), request_id)
        else:
            assert (found.stage.decided_by_id, found.stage.decided_for_id) == (CY.id, BOB.id)


async def test_a_decision_in_place_and_a_re_routing_at_one_instant(database: Database) -> None:
    await furnish(database)
    await delegate(database, acting(BOB), CY.id)
    for turn in ROUNDS:
        request_id = (await ask_for(database, MIA, LEO)).request.id

        async def leave() -> None:
            await directory.change_person(database, acting(ADA), BOB.id, {"account_enabled": False})
            await rerouting.follow(database)

        _, lost = await at_once(
            decide(database, CY.id, request_id, None, Verdict.DENY, None), leave(), backwards=turn % 2 == 1
        )

        (found,) = await stages_now(database, request_id)
        if lost:
            assert all(isinstance(one, errors.NotFound | errors.NotAnApprover) for one in lost)
            assert found.waiting_ids == {BEA.id}
            await cancellation.cancel(database, acting(MIA), request_id)
        else:
            assert (await request_now(database, request_id)).state is RequestState.DENIED
        await change_person(database, BOB, account_enabled=True)
        await rerouting.follow(database)


async def test_decision_and_reassignment_at_one_instant(database: Database) -> None:
    await furnish(database)
    for turn in ROUNDS:
        request_id = (await ask_for(database, MIA, LEO)).request.id

        _, lost = await at_once(
            decide(database, BOB.id, request_id, None, Verdict.DENY, None),
            reassign(database, acting(ADA), request_id, [CY.id], "why"),
            backwards=turn % 2 == 1,
        )

        (found,) = await stages_now(database, request_id)
        (refusal,) = lost
        if isinstance(refusal, errors.RequestClosed):
            assert found.stage.decided_by_id == BOB.id
        else:
            assert isinstance(refusal, errors.NotFound)
            assert found.waiting_ids == {CY.id}
            await cancellation.cancel(database, acting(MIA), request_id)


STEPS = ("BOB leaves", "EVE joins", "BEA goes", "look")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.sampled_from(list(itertools.permutations(STEPS))))
async def test_the_order_of_changes_and_of_looks_at_them_never_changes_who_may_decide(
    sqlite_database: Database, order: tuple[str, ...]
) -> None:
    db = sqlite_database
    if not await is_furnished(db):
        await furnish(db)
    request_id = (await ask_for(db, MIA, LEO)).request.id
    steps = {
        "BOB leaves": lambda: change_person(db, BOB, account_enabled=False),
        "EVE joins": lambda: directory.add_member(db, acting(ADA), OWNERS.id, EVE.id),
        "BEA goes": lambda: directory.remove_member(db, acting(ADA), OWNERS.id, BEA.id),
        # With an administrator in reserve: a look in between may find nobody else.
        "look": lambda: rerouting.follow(db, administrators=[ADA.user_principal_name]),
    }
    for step in (*order, "look"):
        await steps[step]()

    (found,) = await stages_now(db, request_id)
    assert {one.person.id for one in found.voices(MIA.id, LEO.id)} == {EVE.id}
    with pytest.raises(errors.Refused):
        await decide(db, BOB.id, request_id, None, Verdict.APPROVE, None)
    await decide(db, EVE.id, request_id, None, Verdict.DENY, None)
    assert await events(db, "stage.rerouted")
    await change_person(db, BOB, account_enabled=True)
    await directory.remove_member(db, acting(ADA), OWNERS.id, EVE.id)
    await directory.add_member(db, acting(ADA), OWNERS.id, BEA.id)
    await rerouting.follow(db)
