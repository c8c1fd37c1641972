"""The workflow waits for a custom extension: until word comes, until its time is over, or until it is withdrawn."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle

from grantline.ambient import utc_now
from grantline.errors import DeadlinePassed
from grantline.model import visibility
from grantline.model.briefing import AnsweredSignal
from grantline.model.callout import CalloutPoint, CustomExtension, ExtensionKind, ExtensionUse, OnTimeout
from grantline.model.request import Verdict
from grantline.persistence import policies
from grantline.services.sending import callbacks
from grantline.services.sending.callbacks import Answer
from tests.cast import BEA, BOB, CY, LEO, LONG_AGO, MIA
from tests.services.calling import HOUR, enter_extensions, extension, hold_now, rows, waiting
from tests.workflows.test_operators import attributes, details
from tests.workflows.test_operators import rows as table
from tests.workflows.test_request import until_timers_started
from tests.workflows.world import ADMINISTRATORS, BOB_OR_BEA, FOR_EVER, World, ending_at, stage, until

A_MOMENT = timedelta(seconds=30)


async def offer(world: World, uses: Iterable[tuple[CalloutPoint, CustomExtension]], **more: Any) -> str:
    """Enter a package whose policy has these extensions called; return its id."""
    uses = list(uses)
    package_id = await world.offer(*more.pop("stages", (BOB_OR_BEA,)), **more)
    async with world.database.read() as tx:
        (policy,) = (await policies.policies_of(tx, [package_id]))[package_id]
    called = tuple(ExtensionUse(point=point, extension_id=one.id) for point, one in uses)
    policy = replace(policy, extensions=called, modified_at=LONG_AGO)
    async with world.database.write() as tx:
        await policies.update_policy(tx, policy)
    await enter_extensions(world.database, {one.id: one for _, one in uses}.values(), policy)
    return package_id


async def answer(world: World, request_id: str, **said: Any) -> None:
    """Answer as the extension does."""
    awaited = await hold_now(world.database, request_id)
    said_ = Answer(callout_id=awaited.id, **said)
    await world.send(await callbacks.answer(world.database, request_id, said_, administrators=ADMINISTRATORS))


async def held(world: World, point: CalloutPoint, **changes: Any) -> str:
    """Ask, and wait until the workflow waits for the answer."""
    request_id = await world.ask(await offer(world, [(point, waiting(**changes))]))
    await until_timers_started(world, request_id, 1)
    return request_id


async def shown(workflow: WorkflowHandle[object, str]) -> dict[str, str]:
    """Return the current details of a workflow."""
    return table(await details(workflow))


async def test_it_waits_for_the_answer_and_then_for_the_approvers(world: World) -> None:
    request_id = await held(world, CalloutPoint.CREATED)
    workflow = world.request(request_id)
    seen = await shown(workflow)
    assert (seen["Waits for the answer of"], "Until" in seen, "May decide" in seen) == ("Risk desk", True, False)
    awaited = await hold_now(world.database, request_id)
    assert (await attributes(workflow))[visibility.DUE_AT] == awaited.times_out_at

    await answer(world, request_id, detail="Known to us")
    await until_timers_started(world, request_id, 2)
    seen = await shown(workflow)
    assert ("Waits for the answer of" in seen, seen["May decide"]) == (False, "Bea Hart, Bob Stone")
    await world.decide(BOB, request_id)
    assert await workflow.result() == "delivering"
    await world.until_request(request_id, "delivered")
    await world.keep("request-callout-answered", workflow)


async def test_a_request_for_more_time_waits_for_the_answer_as_well(world: World) -> None:
    package_id = await offer(world, [(CalloutPoint.CREATED, waiting())], expiration=FOR_EVER)
    first = await world.ask(package_id, ending_at(utc_now() + 24 * HOUR))
    await answer(world, first)
    await world.decide(BOB, first)
    await world.until_request(first, "delivered")
    briefing = await world.briefing_of(first)

    request_id = await world.extend(MIA, briefing.assignment_id, utc_now() + 48 * HOUR)
    await until_timers_started(world, request_id, 1)
    assert (await shown(world.request(request_id)))["Waits for the answer of"] == "Risk desk"
    await answer(world, request_id)
    await world.decide(BOB, request_id)
    assert await world.request(request_id).result() == "delivered"
    await world.keep("request-extension-callout-answered", world.request(request_id))


async def test_it_is_denied_by_the_answer(world: World) -> None:
    request_id = await held(world, CalloutPoint.CREATED)
    await answer(world, request_id, is_denied=True)
    assert await world.request(request_id).result() == "denied"
    await world.keep("request-callout-denied", world.request(request_id))


async def test_after_the_last_approval_it_waits_once_more(world: World) -> None:
    request_id = await held_after_approval(world)
    await answer(world, request_id)
    assert await world.request(request_id).result() == "delivering"
    await world.until_request(request_id, "delivered")
    assert await world.members() == {("readers", "leo")}
    await world.keep("request-callout-after-approval", world.request(request_id))


async def held_after_approval(world: World) -> str:
    request_id = await world.ask(await offer(world, [(CalloutPoint.APPROVED, waiting())]))
    await until_timers_started(world, request_id, 1)
    await world.decide(BOB, request_id)
    await until_timers_started(world, request_id, 2)
    return request_id


async def test_the_answer_names_who_decides(world: World) -> None:
    request_id = await held(world, CalloutPoint.DETERMINING, names_approvers=True)
    await answer(world, request_id, stage=stage(CY))
    await until_timers_started(world, request_id, 2)
    assert (await shown(world.request(request_id)))["May decide"] == "Cy Frost"
    await world.decide(CY, request_id)
    assert await world.request(request_id).result() == "delivering"
    await world.keep("request-callout-determined", world.request(request_id))


@pytest.mark.parametrize("means", OnTimeout)
async def test_silence_means_what_the_extension_says_at_the_exact_minute_and_not_before(
    world: World, means: OnTimeout
) -> None:
    request_id = await held(world, CalloutPoint.CREATED, on_timeout=means)
    workflow, awaited = world.request(request_id), await hold_now(world.database, request_id)
    await world.skip(workflow, HOUR - A_MOMENT)
    assert (await hold_now(world.database, request_id)).id == awaited.id
    await world.skip(workflow, 2 * A_MOMENT)

    if means is OnTimeout.DENY:
        assert await workflow.result() == "denied"
    else:
        await until_timers_started(world, request_id, 2)
        await world.decide(BEA, request_id, Verdict.DENY)
        assert await workflow.result() == "denied"
    (row,) = await rows(world.database)
    assert row.hold == "timedOut"
    with pytest.raises(DeadlinePassed):
        await callbacks.answer(world.database, request_id, Answer(callout_id=awaited.id))
    await world.keep(f"request-callout-timed-out-{means.value}", workflow)


async def test_it_is_withdrawn_while_it_waits(world: World) -> None:
    request_id = await held(world, CalloutPoint.CREATED)
    await world.cancel(LEO, request_id)
    assert await world.request(request_id).result() == "canceled"
    await world.keep("request-callout-canceled", world.request(request_id))


async def test_word_sent_by_hand_changes_nothing(world: World) -> None:
    request_id = await held(world, CalloutPoint.CREATED)
    workflow, awaited = world.request(request_id), await hold_now(world.database, request_id)
    await workflow.signal("answered", AnsweredSignal(callout_id=awaited.id))
    await workflow.signal("answered")
    await workflow.signal("answered", {"callout_id": 7, "says": "let it go on"})
    assert (await shown(workflow))["Waits for the answer of"] == "Risk desk"
    assert (await hold_now(world.database, request_id)).id == awaited.id
    await answer(world, request_id, is_denied=True)
    assert await workflow.result() == "denied"


async def test_whom_nobody_waits_for_is_called_at_every_point_and_costs_no_event(world: World) -> None:
    points = [CalloutPoint.CREATED, CalloutPoint.APPROVED, CalloutPoint.GRANTED, CalloutPoint.REMOVED]
    notices = [CalloutPoint.FOURTEEN_DAYS, CalloutPoint.ONE_DAY]
    one = extension()
    last = extension("Farewell", kind=ExtensionKind.ASSIGNMENT)
    uses = [*((point, one) for point in points), *((point, last) for point in notices)]
    request_id = await world.ask(await offer(world, uses))
    await world.decide(BOB, request_id)
    await world.until_request(request_id, "delivered")
    assignment_id = (await world.briefing_of(request_id)).assignment_id
    assignment = world.assignment(assignment_id)
    await until(lambda: world.assignment_state(assignment_id), "delivered")
    await world.skip(assignment, timedelta(days=30))
    await world.until_assignment(assignment_id, "expired")

    assert [row.point for row in await rows(world.database)] == [
        "assignmentRequestCreated",
        "assignmentRequestApproved",
        "assignmentRequestGranted",
        "assignmentFourteenDaysBeforeExpiration",
        "assignmentOneDayBeforeExpiration",
        "assignmentRequestRemoved",
    ]
    assert {row.hold for row in await rows(world.database)} == {None}
    granted, removed = (await rows(world.database))[2], (await rows(world.database))[5]
    assert granted.payload["data"]["assignment"]["id"] == assignment_id
    assert (granted.payload["data"]["state"], removed.payload["data"]["assignment"]["state"]) == (
        "delivered",
        "expired",
    )
