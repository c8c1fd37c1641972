"""What Graph has no word for about requests: explain one, rehearse one, ask again, give an approval to others.

Plain JSON below /api; failures look as they do below /v1.0.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel
from starlette.requests import Request
from typing_extensions import TypedDict

from api import may
from api.answers import Json
from api.dependencies import Config, Db, Standing
from api.odata import present
from api.wire.base import Guid, Text
from api.wire.idempotency import idempotency_of
from api.wire.languages import languages
from api.wire.lenient import ExactBody
from api.wire.questions import AnswerBody, AnsweringOut, answering_out
from api.wire.rehearsals import RehearsalOut, rehearsal_out
from api.wire.requests import RequestBody, RequestOut, accepted_out, request_out
from api.wire.schedules import ScheduleBody
from api.wire.shapes import PersonOut, person_out
from grantline.ambient import utc_now
from grantline.errors import NotFound, Refused
from grantline.model.explanation import RequestExplained, shown
from grantline.model.request import RequestType
from grantline.persistence import request_lists
from grantline.rules.permissions import Task, realm
from grantline.services.approvals import reassignment, taking_back
from grantline.services.requests import answer_editing, explanation, rehearsal, resubmission
from grantline.services.requests.rehearsal import Rehearsal

GRAPH = "/v1.0/identityGovernance/entitlementManagement/assignmentRequests"

router = APIRouter(prefix="/api/requests", tags=["requests, explained"])


class AgainBody(ExactBody):
    """The body of a resubmit: what is to be said otherwise this time."""

    justification: Text | None = None
    schedule: ScheduleBody | None = None


class ReasonBody(ExactBody):
    """The body of taking back an approval: why."""

    justification: Text | None = None


class AnswersBody(ExactBody):
    """The body of editing answers: those that change, in the form in which they were given."""

    answers: list[AnswerBody] | None = None


class _Again(BaseModel):
    """All that makes a resubmit the same: which request is repeated, and how."""

    resubmits: str
    body: AgainBody


class ReassignedOut(TypedDict):
    """Who decides the open stage of a request now, and until when."""

    id: str
    stage: int
    deadlineAt: datetime | None
    approvers: list[PersonOut]


class ResubmittedOut(RequestOut):
    """A request that was made again."""

    resubmits: str


class ReassignBody(ExactBody):
    """The body of a reassignment: who is to decide the open stage instead, and why."""

    approvers: tuple[Guid, ...] = ()
    reason: Text | None = None


@router.post("/{request_id}/reassign")
async def reassign(request_id: str, body: ReassignBody, actor: may.Reassign, db: Db) -> Json[ReassignedOut]:
    """Give the open stage of a request to other approvers; its deadline stays. Administrators only."""
    done = await reassignment.reassign(db, actor, request_id.lower(), body.approvers, body.reason)
    return present.json_response(
        {
            "id": request_id.lower(),
            "stage": done.stage_number,
            "deadlineAt": done.deadline_at,
            "approvers": [person_out(one) for one in done.approvers],
        }
    )


@router.get("/{request_id}/explain")
async def explain(request_id: str, actor: may.ReadRequest, db: Db, standing: Standing) -> Json[RequestExplained]:
    """Say where a request is, who can act, what comes next, what happened, and why others were refused."""
    found = await explanation.of_request(db, actor, request_id.lower(), shows_approvers=standing.shows_approvers)
    return present.json_response(shown(found))


@router.post("/validate")
async def validate(
    *, body: RequestBody, actor: may.Ask, db: Db, config: Config, standing: Standing
) -> Json[RehearsalOut]:
    """Judge a body of POST assignmentRequests in full, and write nothing."""
    try:
        found = await rehearsal.rehearse(db, actor, body.read(), administrators=config.administrators)
    except Refused as refusal:
        found = Rehearsal(type=RequestType.USER_ADD, requestor=actor.person, refusals=(refusal,))
    return present.json_response(rehearsal_out(found, shows_approvers=standing.shows_approvers))


@router.get("/{request_id}/answers")
async def read_answers(request: Request, request_id: str, actor: may.ReadRequest, db: Db) -> Json[AnsweringOut]:
    """Show the answers of a request, and the questions left blank that its approvers may answer (`unanswered`)."""
    theirs = realm(actor, Task.READ_REQUEST)
    async with db.read() as tx:
        line = await request_lists.visible(tx, request_id.lower(), actor.id, utc_now(), theirs)
    if line is None:
        raise NotFound(f"There is no request {request_id} that you may see.")
    return present.json_response(answering_out(line.answers, languages(request.headers)))


@router.patch("/{request_id}/answers")
async def edit_answers(
    *, request: Request, request_id: str, body: AnswersBody, actor: may.Decide, db: Db
) -> Json[AnsweringOut]:
    """Edit answers, or give some that were left blank, as an approver of the open stage; answer with all of them."""
    given = tuple(answer.read(place) for place, answer in enumerate(body.answers or ()))
    answers = await answer_editing.edit(db, actor, request_id.lower(), given)
    return present.json_response(answering_out(answers, languages(request.headers)))


@router.post("/{request_id}/takeBackApproval", responses={201: {"description": "The removal of what it had given."}})
async def take_back_approval(
    *,
    request: Request,
    request_id: str,
    actor: may.Decide,
    db: Db,
    body: ReasonBody | None = None,
) -> Json[RequestOut]:
    """Take back one's approval: 200 with the request, denied, or 201 with the removal of what it had given."""
    reason = body.justification if body else None
    taken = await taking_back.take_back(db, actor, request_id.lower(), reason)
    if taken.request.id == request_id.lower():
        return present.json_response(request_out(taken.request))
    location = f"{present.base_url(request)}{GRAPH}/{taken.request.id}"
    return present.json_response(accepted_out(taken.request), status=201, headers={"Location": location})


@router.post("/{request_id}/resubmit", status_code=201)
async def resubmit(
    *,
    request: Request,
    request_id: str,
    actor: may.Resubmit,
    db: Db,
    config: Config,
    body: AgainBody | None = None,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Json[ResubmittedOut]:
    """Ask again for what was denied, cancelled, has expired or could not be delivered; it is judged anew.

    The same `Idempotency-Key` answers with the same request.
    """
    again = body or AgainBody()
    told_by = _Again(resubmits=request_id.lower(), body=again)
    submitted = await resubmission.resubmit(
        db,
        actor,
        request_id.lower(),
        justification=again.justification,
        schedule=again.schedule.read() if again.schedule else None,
        idempotency=idempotency_of(told_by, idempotency_key, None),
        administrators=config.administrators,
    )
    answer: ResubmittedOut = {**accepted_out(submitted.request), "resubmits": request_id.lower()}
    location = f"{present.base_url(request)}{GRAPH}/{submitted.request.id}"
    return present.json_response(answer, status=201, headers={"Location": location})
