"""What an explanation keeps to itself: who approves, where the policy hides it from those with a part in a request.

They read everything else. Deciders are left out or called "an approver", their
attempts and an administrator's reasons about them are not told, and what was
decided stays, with its justification.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grantline.model.event import EventType
from grantline.model.explanation import CanAct, Moment, RefusedAttempt, StageExplained
from grantline.model.person import Actor, Person
from grantline.model.request import Stage
from grantline.persistence import controls
from grantline.persistence.database import Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.persistence.stages import StageOnRecord
from grantline.persistence.trail_lists import EventLine
from grantline.rules import narration
from grantline.rules.permissions import Task, may
from grantline.rules.permissions.by_policy import names_are_open
from grantline.services import sight

SOMEBODY = "an approver"

OF_APPROVERS = frozenset(
    {
        EventType.STAGE_OPENED.value,
        EventType.STAGE_REMINDED.value,
        EventType.STAGE_ESCALATED.value,
        EventType.STAGE_REROUTED.value,
        EventType.STAGE_REASSIGNED.value,
        EventType.STAGE_DECIDED.value,
        EventType.APPROVAL_TAKEN_BACK.value,
        EventType.ANSWERS_EDITED.value,
        EventType.REQUEST_DENIED.value,
    }
)
"""Events that name those who decide, or whose actor is one."""

REASONS_WITH_NAMES = frozenset({EventType.STAGE_REROUTED.value, EventType.STAGE_REASSIGNED.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Discretion:
    """Whom a reader may know: everybody, or none but `known_ids`."""

    is_open: bool
    known_ids: frozenset[str] = frozenset()

    def names(self, people: Mapping[str, Person], event: EventLine) -> dict[str, str]:
        """Return the names that an event may be told with, by id."""
        if self.is_open or event.type not in OF_APPROVERS:
            return {id_: one.display_name for id_, one in people.items()}
        return {id_: one.display_name if id_ in self.known_ids else SOMEBODY for id_, one in people.items()}

    def moment(self, moment: Moment) -> Moment:
        """Return a moment of the timeline as the reader may have it; its sentence is told with `names` already."""
        if self.is_open or moment.event not in OF_APPROVERS:
            return moment
        hides = moment.actor is not None and moment.actor.id not in self.known_ids
        return replace(
            moment,
            actor=None if hides else moment.actor,
            reason=None if moment.event in REASONS_WITH_NAMES else moment.reason,
        )

    def stage(self, stage: StageExplained) -> StageExplained:
        """Return a stage without those who were asked and who decided."""
        return stage if self.is_open else replace(stage, approvers=(), decided_by=None, decided_in_place_of=None)

    def can_act(self, some: Sequence[CanAct]) -> tuple[CanAct, ...]:
        """Return who may act, without the deciders."""
        return tuple(one for one in some if self.is_open or one.may != "decide")

    def waits_for(self, names: Sequence[str]) -> list[str]:
        """Return the names of those a stage waits for as a sentence has them."""
        return list(names) if self.is_open or not names else [SOMEBODY]

    def refused(self, attempts: Sequence[RefusedAttempt]) -> tuple[RefusedAttempt, ...]:
        """Return who was refused: where names are hidden, only those the reader knows."""
        return tuple(one for one in attempts if self.is_open or one.person.id in self.known_ids)


async def are_told(tx: Transaction, stage: Stage) -> bool:
    """Tell whether those with a part in the request learn who decides a stage of it, as the switch stands now."""
    standing = await controls.load(tx)
    return names_are_open(stage.approver_visibility, shows_approvers=standing.shows_approvers)


def discretion(
    viewer: Actor | None, story: RequestOnRecord, asked: Sequence[StageOnRecord], *, shows_approvers: bool
) -> Discretion:
    """Say what a reader may know of those who decide.

    Approvers, whoever stands in for one, those who govern it and the operator at the machine know everybody.
    """
    if viewer is None or may(viewer, Task.KNOW_APPROVERS, story.catalog_id, sight.parts(viewer.id, story, asked)):
        return Discretion(is_open=True)
    part_ids = frozenset({story.requestor.id, story.target.id})
    is_open = all(names_are_open(one.stage.approver_visibility, shows_approvers=shows_approvers) for one in asked)
    return Discretion(is_open=is_open, known_ids=part_ids | {viewer.id})


def sentence(event: EventLine, told_as: str | None, people: Mapping[str, Person], keeping: Discretion) -> str:
    """Tell an event in the names that its reader may know."""
    names = keeping.names(people, event)
    return narration.sentence(event.type, names.get(event.actor_id or "", told_as), event.details, names)
