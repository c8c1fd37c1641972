"""Whom an open stage waits for when the directory has changed: looked up anew, from the plan that was fixed at submit.

Approvers, then fallback, then the administrators, as when it opened; once it
has escalated, the alternates too. An administrator's word stands: a stage that
was reassigned keeps its people while any of them may decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from grantline.model.plan import PlannedStage
from grantline.model.policy import ApproverIsRequestor
from grantline.rules.approvers import Approver, People, Source, resolve, resolve_alternates


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerouting:
    """What becomes of an open stage: who comes, and who goes; `is_stuck` when nobody is left."""

    came: tuple[Approver, ...]
    gone: tuple[Approver, ...]
    is_stuck: bool

    @property
    def is_any(self) -> bool:
        """Tell whether anything changes."""
        return bool(self.came or self.gone or self.is_stuck)


def resolve_anew(
    stage: PlannedStage,
    option: ApproverIsRequestor,
    people: People,
    before: Mapping[str, Approver],
    *,
    is_escalated: bool,
) -> tuple[Approver, ...]:
    """Return everybody whom the stage should wait for; `before` are those it waits for, by id, as they are today."""
    if any(one.source is Source.REASSIGNED for one in before.values()):
        kept = tuple(one for one in before.values() if people.may_decide(one.person))
        if kept:
            return kept
    found = {one.person.id: one for one in resolve(stage, option, people)}
    for one in resolve_alternates(stage, option, people) if is_escalated else ():
        found.setdefault(one.person.id, one)
    return tuple(found.values())


def compared(before: Mapping[str, Approver], wanted: tuple[Approver, ...]) -> Rerouting:
    """Say who comes and who goes."""
    after = {one.person.id for one in wanted}
    return Rerouting(
        came=tuple(one for one in wanted if one.person.id not in before),
        gone=tuple(one for id_, one in before.items() if id_ not in after),
        is_stuck=not wanted,
    )
