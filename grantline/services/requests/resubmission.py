"""Asking again: a request that ended without access, put once more as it was and judged anew."""

from collections.abc import Collection

from grantline.errors import Conflict, NotAllowed, NotFound
from grantline.model.person import Actor
from grantline.model.question import GivenAnswer
from grantline.model.request import ADDS, Ask, Request, RequestState, Schedule
from grantline.persistence import policies, requests, stages
from grantline.persistence.database import Database, Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.services import sight
from grantline.services.requests.submission import submit
from grantline.services.requests.submitted import Idempotency, Submitted

ENDED_WITHOUT_ACCESS = frozenset(
    {RequestState.DENIED, RequestState.EXPIRED, RequestState.CANCELED, RequestState.DELIVERY_FAILED}
)


async def resubmit(
    db: Database,
    actor: Actor,
    request_id: str,
    *,
    justification: str | None = None,
    schedule: Schedule | None = None,
    idempotency: Idempotency | None = None,
    administrators: Collection[str] = (),
) -> Submitted:
    """Ask again as the request did, with another justification or schedule where one is given.

    Raises:
        NotFound: there is no such request for the actor.
        NotAllowed: somebody else asked.
        Conflict: it is open, or has brought access.
        Refused: the judgement of the new request, which is as of any other.
    """
    async with db.read() as tx:
        request = (await _own(tx, actor, request_id)).request
        _require_ended(request)
        policy = await policies.policy(tx, request.policy_id)
    ask = Ask(
        type=request.type,
        package_id=request.package_id,
        # A policy that was deleted since is left out: another one may apply by now.
        policy_id=policy.id if policy else None,
        target_id=request.target_id,
        justification=request.justification if justification is None else justification,
        schedule=schedule or request.schedule,
        answers=tuple(
            GivenAnswer(question_id=answer.question.id, value=value)
            for answer in request.answers
            for value in answer.values
        ),
        resubmits=request.id,
    )
    return await submit(db, actor, ask, idempotency=idempotency, administrators=administrators)


async def _own(tx: Transaction, actor: Actor, request_id: str) -> RequestOnRecord:
    story = await requests.load(tx, request_id)
    asked = await stages.of_request(tx, request_id) if story else []
    if story is None or not sight.sees(actor, story, asked):
        raise NotFound(f"There is no request {request_id} that you may see.")
    if story.requestor.id != actor.id:
        raise NotAllowed(
            f"{actor.person} may not resubmit request {request_id}, which {story.requestor} made; "
            "make a request of your own."
        )
    return story


def _require_ended(request: Request) -> None:
    if request.type not in ADDS:
        raise Conflict(
            f"Request {request.id} did not ask for access; only one that did can be asked again. Send a new "
            f"{request.type.value}."
        )
    if request.state not in ENDED_WITHOUT_ACCESS:
        raise Conflict(
            f"Request {request.id} is {request.state.value}; only one that was denied, cancelled, has expired or "
            "could not be delivered can be asked again."
        )
