"""Owing calls to custom extensions: a row with the event it tells of, in the caller's transaction.

What is sent is put together here and kept, so that a call says what was so when
it was owed, however often it is made. Nothing is read for a plan without callouts.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from grantline.ambient import new_id, utc_now
from grantline.model.assignment import Assignment
from grantline.model.callout import Callout, CalloutPoint, HoldState, PlannedCallout
from grantline.model.catalog import AccessPackage, Catalog
from grantline.model.person import Person
from grantline.model.policy import Policy
from grantline.model.request import RequestState
from grantline.persistence import callouts as store
from grantline.persistence import catalogs, custom_extensions, packages, requests
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.rules.planning import Extensions, extensions_named
from grantline.rules.settlement import Turn
from grantline.rules.times import iso

PATIENCE = timedelta(days=3)
"""For how long a call that nobody waits for is tried."""

SOURCE = "Grantline"
TYPE = "microsoft.graph.accessPackageCustomExtensionStage"
RESUME = "/v1.0/identityGovernance/entitlementManagement/assignmentRequests/{}/resume"
CALLOUT_DATA = "#microsoft.graph.accessPackageAssignmentRequestCalloutData"

APPROVED = (RequestState.SCHEDULED, RequestState.DELIVERING)
NOTICE_POINTS = {14: CalloutPoint.FOURTEEN_DAYS, 1: CalloutPoint.ONE_DAY}


async def named_by(tx: Transaction, policy: Policy) -> Extensions:
    """Read the extensions that a policy names; nothing is read when there are none."""
    return await custom_extensions.by_id(tx, extensions_named(policy))


async def of_submit(tx: Transaction, story: RequestOnRecord, turn: Turn) -> Callout | None:
    """Owe what a new request calls; return the call whose answer it waits for, if it does."""
    await _without_waiting(tx, story, CalloutPoint.CREATED)
    return await of_turn(tx, story, turn)


async def of_turn(tx: Transaction, story: RequestOnRecord, turn: Turn) -> Callout | None:
    """Owe what a turn of a request calls; return the call whose answer it waits for, if it does."""
    hold = turn.opening.hold
    if hold is None:
        if turn.state in APPROVED:
            await _without_waiting(tx, story, CalloutPoint.APPROVED)
        return None
    await _owe(tx, story, hold.callout, stage_number=hold.stage_number, times_out_at=turn.times_out_at)
    return await store.open_hold(tx, story.request.id)


async def of_delivery(tx: Transaction, story: RequestOnRecord, assignment: Assignment) -> None:
    """Owe what is called once the access is given."""
    await _without_waiting(tx, story, CalloutPoint.GRANTED, assignment=assignment)


async def of_end(tx: Transaction, held: AssignmentOnRecord) -> None:
    """Owe what is called once nothing of the access is left."""
    story = await _story(tx, held)
    await _without_waiting(tx, story, CalloutPoint.REMOVED, assignment=held.assignment)


async def of_notice(tx: Transaction, held: AssignmentOnRecord, lead: timedelta) -> None:
    """Owe what is called when the end is near; an end that moved is announced anew."""
    point = NOTICE_POINTS.get(lead.days)
    if point is not None:
        story = await _story(tx, held)
        about = f"{held.assignment.id} {held.assignment.ends_at:%Y%m%dT%H%M}"
        await _without_waiting(tx, story, point, assignment=held.assignment, about=about)


async def withdraw(tx: Transaction, request_id: str, at: datetime) -> None:
    """Wait for no answer any more: the request has ended by other means."""
    hold = await store.open_hold(tx, request_id)
    if hold is not None:
        await store.end_hold(tx, hold.id, HoldState.WITHDRAWN, at)


async def _story(tx: Transaction, held: AssignmentOnRecord) -> RequestOnRecord:
    story = await requests.load(tx, held.request_id)
    if story is None:
        raise AssertionError(f"assignment {held.assignment.id} without its request (this is a bug)")
    return story


async def _without_waiting(
    tx: Transaction,
    story: RequestOnRecord,
    point: CalloutPoint,
    *,
    assignment: Assignment | None = None,
    about: str | None = None,
) -> None:
    for one in story.request.plan.called_at(point):
        await _owe(tx, story, one, assignment=assignment, about=about)


async def _owe(
    tx: Transaction,
    story: RequestOnRecord,
    planned: PlannedCallout,
    *,
    stage_number: int = 0,
    times_out_at: datetime | None = None,
    assignment: Assignment | None = None,
    about: str | None = None,
) -> None:
    """Write a call, once, however often its event is repeated."""
    request = story.request
    subject = about or (assignment.id if assignment else request.id)
    key = f"{subject}/{planned.point.value}/{stage_number}/{planned.extension_id}"
    if await store.is_owed(tx, key):
        return
    now, callout_id = utc_now(), new_id()
    data = await _data(tx, story, assignment)
    data |= {"stage": planned.point.value, "customExtensionStageInstanceId": callout_id}
    if times_out_at is not None:
        data |= _wanted(request.id, planned, times_out_at)
    await store.add(
        tx,
        id=callout_id,
        key=key,
        extension_id=planned.extension_id,
        request_id=request.id,
        assignment_id=assignment.id if assignment else request.assignment_id,
        point=planned.point.value,
        stage_number=stage_number,
        payload={"source": SOURCE, "type": f"{TYPE}.{planned.point.value}", "data": data},
        on_timeout=planned.on_timeout.value,
        hold=HoldState.OPEN.value if times_out_at is not None else None,
        times_out_at=times_out_at,
        created_at=now,
        next_attempt_at=now,
        gives_up_at=now + (planned.waits_for or PATIENCE),
    )


def _wanted(request_id: str, planned: PlannedCallout, times_out_at: datetime) -> dict[str, Any]:
    """Say where the answer goes, and until when."""
    return {
        "callbackUriPath": RESUME.format(request_id),
        "callbackConfiguration": {"timeoutDuration": _seconds(planned.waits_for), "timesOutAt": iso(times_out_at)},
    }


async def _data(tx: Transaction, story: RequestOnRecord, assignment: Assignment | None) -> dict[str, Any]:
    """Say what a call is about, in the shape of Graph's accessPackageAssignmentRequestCalloutData."""
    request = story.request
    package = (await packages.packages_by_id(tx, [request.package_id])).get(request.package_id)
    catalog = (await catalogs.catalogs_by_id(tx, [package.catalog_id])).get(package.catalog_id) if package else None
    ends_at = assignment.ends_at if assignment else request.terms.ends_at
    starts_at = assignment.starts_at if assignment else request.plan.starts_at
    return {
        "@odata.type": CALLOUT_DATA,
        "accessPackageAssignmentRequestId": request.id,
        "requestType": request.type.value,
        "state": request.state.value,
        "status": request.status,
        "justification": request.justification,
        "answers": [
            {
                "displayValue": ", ".join(one.values),
                "answeredQuestion": {"id": one.question.id, "text": one.question.text},
            }
            for one in request.answers
            if one.values
        ],
        "requestor": _subject(story.requestor),
        "accessPackage": _package(package, story),
        "accessPackageCatalog": _catalog(catalog),
        "assignment": {
            "id": assignment.id if assignment else request.assignment_id,
            "state": assignment.state.value if assignment else None,
            "policyId": request.policy_id,
            "target": _subject(story.target),
            "startDateTime": iso(starts_at) if starts_at else None,
            "endDateTime": iso(ends_at) if ends_at else None,
        },
    }


def _subject(person: Person) -> Mapping[str, Any]:
    return {
        "id": person.id,
        "objectId": person.id,
        "displayName": person.display_name,
        "principalName": person.user_principal_name,
        "email": person.mail,
        "subjectType": "servicePrincipal" if person.is_application else "user",
    }


def _package(package: AccessPackage | None, story: RequestOnRecord) -> Mapping[str, Any]:
    return {
        "id": story.request.package_id,
        "displayName": story.package_name,
        "description": package.description if package else None,
    }


def _catalog(catalog: Catalog | None) -> Mapping[str, Any] | None:
    if catalog is None:
        return None
    return {"id": catalog.id, "displayName": catalog.display_name, "description": catalog.description}


def _seconds(duration: timedelta | None) -> str | None:
    """Write a duration in whole seconds, which every parser of ISO 8601 reads."""
    return f"PT{int(duration.total_seconds())}S" if duration is not None else None
