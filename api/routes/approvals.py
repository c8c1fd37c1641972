"""Approvals: what waits for whom, and deciding. An approval's id is its request's id."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Entity, Nothing
from api.dependencies import Config, Db, EntityQuery, Query, WholeQuery
from api.odata import present
from api.wire.approvals import ApprovalOut, DecisionBody, StageOut, approval_out, stage_out
from api.wire.choices import chosen
from grantline.ambient import utc_now
from grantline.errors import NotFound
from grantline.model.controls import Controls
from grantline.model.person import Actor, Person
from grantline.model.request import Stage
from grantline.persistence import approval_lists, controls, related
from grantline.persistence.approval_lists import ApprovalLine, ApprovalsOf, StageLine
from grantline.persistence.database import Database, Transaction
from grantline.rules.permissions import Task, realm
from grantline.rules.permissions.by_policy import names_are_open
from grantline.services.approvals import decisions

CONTEXT = "identityGovernance/entitlementManagement/accessPackageAssignmentApprovals"

router = APIRouter(prefix=f"/{CONTEXT}", tags=["accessPackageAssignmentApprovals"])


@router.get("/filterByCurrentUser(on='{on}')")
async def list_mine(*, request: Request, on: str, actor: may.SeeOwn, db: Db, query: Query) -> Collection[ApprovalOut]:
    """List approvals: those the caller may decide on now, or those about the caller's own requests."""
    whose = chosen(on, tuple(ApprovalsOf))
    query.allow_expand("stages")
    now = utc_now()
    async with db.read() as tx:
        page = await approval_lists.page(tx, whose, actor.id, query.listing(), now)
        shown: list[ApprovalOut] = [{"id": line.request_id} for line in page.rows]
        if query.expanding("stages") is not None:
            stages = await approval_lists.stages_of(tx, [line.request_id for line in page.rows], now)
            shown = await _shown(tx, [(line, stages[line.request_id]) for line in page.rows], actor, now)
    return present.collection(request, CONTEXT, shown, page, query)


@router.get("/{approval_id}")
async def read(
    *, request: Request, approval_id: str, actor: may.ReadRequest, db: Db, query: EntityQuery
) -> Entity[ApprovalOut]:
    """Read one approval with its stages inline, as Graph shows it."""
    query.allow_expand("stages")
    shown = await _approval(approval_id, actor, db)
    return present.entity(request, CONTEXT, shown, query)


@router.get("/{approval_id}/stages")
async def list_stages(
    *, request: Request, approval_id: str, actor: may.ReadRequest, db: Db, query: WholeQuery
) -> Collection[StageOut]:
    """List the stages of an approval, first to last; there are so few that paging would hide them."""
    query.allow_expand()
    shown = await _approval(approval_id, actor, db)
    return present.whole(request, f"{CONTEXT}('{shown['id']}')/stages", shown.get("stages", ()), query)


@router.get("/{approval_id}/stages/{stage_id}")
async def read_stage(
    *,
    request: Request,
    approval_id: str,
    stage_id: str,
    actor: may.ReadRequest,
    db: Db,
    query: EntityQuery,
) -> Entity[StageOut]:
    """Read one stage."""
    query.allow_expand()
    shown = await _approval(approval_id, actor, db)
    for stage in shown.get("stages", ()):
        if stage["id"] == stage_id.lower():
            return present.entity(request, f"{CONTEXT}('{shown['id']}')/stages", stage, query)
    raise NotFound(f"The approval {approval_id!r} has no stage {stage_id!r}.")


@router.patch("/{approval_id}/stages/{stage_id}", status_code=204)
async def decide(
    *,
    approval_id: str,
    stage_id: str,
    body: DecisionBody,
    actor: may.Decide,
    db: Db,
    config: Config,
) -> Nothing:
    """Approve, for less time than was asked if need be, or deny; a second decision of a stage is told of the first."""
    await decisions.decide(
        db,
        actor.id,
        approval_id.lower(),
        stage_id.lower(),
        body.verdict(),
        body.justification,
        limit=body.limit(),
        administrators=config.administrators,
    )
    return present.nothing()


async def _approval(approval_id: str, actor: Actor, db: Database) -> ApprovalOut:
    now = utc_now()
    async with db.read() as tx:
        found = await approval_lists.visible(tx, approval_id.lower(), actor.id, now, realm(actor, Task.READ_REQUEST))
        if found is None:
            raise NotFound(f"There is no approval {approval_id!r} that you may see.")
        (shown,) = await _shown(tx, [found], actor, now)
    return shown


async def _shown(
    tx: Transaction,
    approvals: Sequence[tuple[ApprovalLine, Sequence[StageLine]]],
    actor: Actor,
    now: datetime,
) -> list[ApprovalOut]:
    """Show approvals with their stages; all reviewers are read in one query."""
    reviewers = await related.people_by_id(tx, _deciders(one.stage for _, stages in approvals for one in stages))
    standing = await controls.load(tx)
    shown: list[ApprovalOut] = []
    for line, stages in approvals:
        has_part = actor.id in (line.requestor_id, line.target_id) and not realm(actor, Task.KNOW_APPROVERS).has(
            line.catalog_id
        )
        shown.append(
            approval_out(
                line.request_id,
                [
                    _shown_stage(
                        one, line, actor, reviewers, now=now, is_open=not has_part or _tells(one.stage, standing)
                    )
                    for one in stages
                ],
            )
        )
    return shown


def _shown_stage(
    one: StageLine, line: ApprovalLine, actor: Actor, reviewers: Mapping[str, Person], *, now: datetime, is_open: bool
) -> StageOut:
    """Show one stage; `is_open`: with the names of those who decide."""
    voice = one.voice_of(actor.id, line, now)
    return stage_out(
        one.stage,
        is_mine=voice is not None,
        in_place_of=voice.stands_in_for if voice else None,
        reviewer=reviewers.get(one.stage.decided_by_id or "") if is_open else None,
        represented=reviewers.get(one.stage.decided_for_id or "") if is_open else None,
        approvers=one.approvers if is_open else (),
    )


def _deciders(stages: Iterable[Stage]) -> set[str]:
    """Return everybody who decided, and those in whose place."""
    return {id_ for stage in stages for id_ in (stage.decided_by_id, stage.decided_for_id) if id_}


def _tells(stage: Stage, standing: Controls) -> bool:
    """Tell whether those with a part in the request learn who decides this stage of it."""
    return names_are_open(stage.approver_visibility, shows_approvers=standing.shows_approvers)
