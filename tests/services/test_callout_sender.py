"""Calls that are owed reach the endpoint: signed, at least once, and in the end or not at all."""

import asyncio
import base64
import hmac
import json
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import update

from grantline.ambient import utc_now
from grantline.model.callout import CalloutPoint, DeliveryState
from grantline.notifications.signing import Signer
from grantline.notifications.webhook import Webhook
from grantline.persistence import callouts
from grantline.persistence.callout_tables import callouts as table
from grantline.persistence.database import Database
from grantline.services.sending.callout_sender import CalloutSender
from tests.cast import LEO, MIA, fixed_id
from tests.services.calling import (
    SIGNER,
    Heard,
    calling,
    calls_now,
    enter_extensions,
    extension,
    make_due,
    receiving,
    rows,
    sending,
    waiting,
)
from tests.services.scene import ask_for, events, furnish, policy


def is_signed(call: Heard, key: str) -> bool:
    """Check a signature as a receiver does that knows nothing but the key and the headers' names."""
    secret = base64.b64decode(key.removeprefix("whsec_"))
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    wanted = base64.b64encode(hmac.new(secret, signed, sha256).digest()).decode()
    return f"v1,{wanted}" in call.headers["webhook-signature"].split()


async def owed(db: Database, url: str, *, is_awaited: bool = False) -> str:
    """Let Mia ask for Leo under a policy that has the endpoint called at once; return the request's id."""
    one = waiting(url=url) if is_awaited else extension(url=url)
    called = calling(policy(), (CalloutPoint.CREATED, one))
    await furnish(db, called)
    await enter_extensions(db, [one], called)
    return (await ask_for(db, MIA, LEO)).request.id


async def test_a_call_says_what_it_is_about_and_is_signed(database: Database) -> None:
    async with receiving() as receiver, sending(database) as sender:
        request_id = await owed(database, f"{receiver.url}/hooks?x=1")
        assert await sender.sweep() == 1
        assert await sender.sweep() == 0

    (call,), (row,) = receiver.heard, await rows(database)
    (key,) = SIGNER.keys(fixed_id("extension Risk desk"))
    assert is_signed(call, key)
    assert not is_signed(call, SIGNER.keys("another extension")[0])
    assert (call.headers["webhook-id"], call.headers["content-type"]) == (row.id, "application/json")
    assert json.loads(call.body)["source"] == "Grantline"
    data = call.data
    assert data["stage"] == "assignmentRequestCreated"
    assert data["customExtensionStageInstanceId"] == row.id
    assert data["accessPackageAssignmentRequestId"] == request_id
    assert (data["requestor"]["objectId"], data["assignment"]["target"]["objectId"]) == (MIA.id, LEO.id)
    assert (data["accessPackage"]["displayName"], data["accessPackageCatalog"]["displayName"]) == ("Payroll", "finance")
    assert {"callbackToken", "callbackUriPath", "callbackConfiguration"} & data.keys() == set()
    assert (row.delivery, row.attempts, row.last_error) == ("sent", 1, None)
    assert [(one.object_id, one.request_id) for one in await events(database, "callout.sent")] == [(row.id, request_id)]


async def test_a_call_that_is_waited_for_brings_the_token_of_its_answer_which_is_on_no_record(
    database: Database,
) -> None:
    async with receiving() as receiver, sending(database) as sender:
        request_id = await owed(database, receiver.url, is_awaited=True)
        await sender.sweep()

    (call,), (row,) = receiver.heard, await rows(database)
    token = call.data["callbackToken"]
    assert SIGNER.accepts(token, row.id)
    assert not SIGNER.accepts(token, "another call")
    assert token not in json.dumps(row.payload)
    path = f"/v1.0/identityGovernance/entitlementManagement/assignmentRequests/{request_id}/resume"
    assert call.data["callbackUriPath"] == path
    assert call.data["callbackConfiguration"]["timeoutDuration"] == "PT3600S"


async def test_while_secrets_change_both_keys_verify_and_older_tokens_hold(database: Database) -> None:
    new = "the-new-secret-of-this-installation-98765"
    both = Signer([new, "s3cret-of-this-installation-0123456789"])
    async with receiving() as receiver, sending(database, both) as sender:
        await owed(database, receiver.url)
        await sender.sweep()
    (call,) = receiver.heard
    extension_id = fixed_id("extension Risk desk")
    assert all(is_signed(call, key) for key in both.keys(extension_id))
    assert both.keys(extension_id)[1:] == SIGNER.keys(extension_id)
    assert both.accepts(SIGNER.token("a call"), "a call")
    assert not Signer([new]).accepts(SIGNER.token("a call"), "a call")


@pytest.mark.parametrize("status", [500, 503, 429, 404, 302])
async def test_what_is_not_taken_is_tried_again_with_the_same_id_and_body(database: Database, status: int) -> None:
    async with receiving() as receiver, sending(database) as sender:
        receiver.reacts = [status]
        await owed(database, receiver.url)
        await sender.sweep()
        (row,) = await rows(database)
        assert (row.delivery, row.attempts, row.lease_id) == ("waiting", 1, None)
        assert str(status) in row.last_error
        assert await sender.sweep() == 0, "it waits a while"
        await make_due(database)
        await sender.sweep()

    first, again = receiver.heard
    assert {first.path, again.path} == {"/"}, "redirects are not followed"
    assert (first.body, first.headers["webhook-id"]) == (again.body, again.headers["webhook-id"])
    (row,) = await rows(database)
    assert (row.delivery, row.attempts) == ("sent", 2)


async def test_an_endpoint_that_never_answers_is_bounded_and_keeps_nobody_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grantline.notifications.webhook.ONE_CALL", timedelta(milliseconds=200))

    async def sleeps(call: Heard) -> int:
        del call
        await asyncio.sleep(1)
        return 200

    async with receiving() as receiver, sending(database) as sender:
        receiver.reacts = [sleeps]
        await owed(database, receiver.url)
        async with asyncio.timeout(0.9):
            await sender.sweep()
    (row,) = await rows(database)
    assert (row.delivery, "did not answer" in row.last_error) == ("waiting", True)


async def test_a_sender_that_dies_after_the_call_leaves_it_to_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving() as receiver, sending(database) as sender:
        await owed(database, receiver.url)
        with monkeypatch.context() as patch:
            patch.setattr(callouts, "settle", _dies)
            with pytest.raises(RuntimeError, match="killed"):
                await sender.sweep()
        assert await sender.sweep() == 0, "the dead one's hold still runs"
        await make_due(database)
        await sender.sweep()

    assert len(receiver.heard) == 2
    assert len({call.headers["webhook-id"] for call in receiver.heard}) == 1
    (row,) = await rows(database)
    assert row.delivery == "sent"


async def _dies(*_: object, **__: object) -> bool:
    raise RuntimeError("killed")


async def test_of_two_senders_at_once_one_has_each_call(database: Database) -> None:
    async with receiving() as receiver, sending(database) as one, sending(database) as other:
        await owed(database, receiver.url)
        assert sorted(await asyncio.gather(one.sweep(), other.sweep())) == [0, 1]
    assert len(receiver.heard) == 1


async def test_a_call_of_a_newer_release_is_left_to_it(sqlite_database: Database) -> None:
    async with receiving() as receiver, sending(sqlite_database) as sender:
        await owed(sqlite_database, receiver.url)
        async with sqlite_database.write() as tx:
            await tx.changed(update(table).values(point="assignmentBecameInteresting"))
        assert await sender.sweep() == 0
    assert [(row.delivery, row.lease_id) for row in await rows(sqlite_database)] == [("waiting", None)]


async def test_a_call_is_given_up_when_its_time_is_over(database: Database) -> None:
    async with receiving() as receiver, sending(database) as sender:
        receiver.reacts = [500]
        request_id = await owed(database, receiver.url)
        await _age(database)
        await sender.sweep()
    (call,) = await calls_now(database, request_id)
    assert call.delivery is DeliveryState.FAILED
    (event,) = await events(database, "callout.failed")
    assert (event.reason, event.details["attempts"]) == ("it was answered with 500", 1)


async def _age(database: Database) -> None:
    async with database.write() as tx:
        await tx.changed(update(table).values(gives_up_at=utc_now()))


async def test_private_addresses_are_called_only_where_the_setting_says_so(sqlite_database: Database) -> None:
    async with receiving() as receiver:
        await owed(sqlite_database, receiver.url)
        careful = CalloutSender(sqlite_database, Webhook(), SIGNER)
        await careful.sweep()
        await careful.aclose()
    assert receiver.heard == []
    (row,) = await rows(sqlite_database)
    assert "127.0.0.1, which Grantline does not call" in row.last_error
    assert "GRANTLINE_CALLOUT_PRIVATE_ADDRESSES" in row.last_error


async def test_without_a_secret_nothing_goes_out(sqlite_database: Database) -> None:
    async with receiving() as receiver, sending(sqlite_database, Signer([])) as sender:
        await owed(sqlite_database, receiver.url)
        await sender.sweep()
    assert receiver.heard == []
    (row,) = await rows(sqlite_database)
    assert "GRANTLINE_CALLOUT_SECRETS is not set" in row.last_error
