"""Whom an open stage waits for when the directory has changed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from grantline.model.person import Person
from grantline.model.plan import PlannedStage
from grantline.model.policy import ApproverIsRequestor
from grantline.model.subjects import GroupMembers, RequestorManager, SingleUser
from grantline.rules.approvers import Approver, People, Source
from grantline.rules.rerouting import compared, resolve_anew
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, MAX, MIA, OWNERS

LEFT_BOB = replace(BOB, account_enabled=False)
MANAGER = RequestorManager(manager_level=1)


def planned(*primary: Any, **more: Any) -> PlannedStage:
    """Return a stage of a plan."""
    return PlannedStage(
        number=1,
        window=timedelta(days=1),
        is_approver_justification_required=False,
        primary_approvers=primary,
        fallback_approvers=more.pop("fallback_approvers", ()),
        **more,
    )


def asked(person: Person, source: Source = Source.PRIMARY) -> Approver:
    """Return somebody whom the stage waits for."""
    return Approver(person=person, source=source)


def now(**facts: Any) -> People:
    """Return the directory as it is now; Cy asks for Leo."""
    return People(requestor_id=CY.id, target_id=LEO.id, **facts)


OWNERS_OR_EVE = planned(GroupMembers(group_id=OWNERS.id), fallback_approvers=(SingleUser(user_id=EVE.id),))
ESCALATING = planned(SingleUser(user_id=BOB.id), escalation_approvers=(SingleUser(user_id=BEA.id),))


@pytest.mark.parametrize(
    ("story", "stage", "people", "before", "is_escalated", "came", "gone"),
    [
        ("nothing changed", planned(MANAGER), now(managers=(MIA,)), [asked(MIA)], False, [], []),
        ("a new manager", planned(MANAGER), now(managers=(MAX,)), [asked(MIA)], False, [MAX], [MIA]),
        (
            "a member came and one went",
            OWNERS_OR_EVE, now(groups={OWNERS.id: (BEA, EVE)}), [asked(BOB), asked(BEA)], False, [EVE], [BOB],
        ),
        (
            "the group is empty: the fallback",
            OWNERS_OR_EVE, now(named={EVE.id: EVE}), [asked(BOB)], False, [EVE], [BOB],
        ),
        (
            "the group has somebody again: the fallback goes",
            OWNERS_OR_EVE, now(groups={OWNERS.id: (BEA,)}, named={EVE.id: EVE}), [asked(EVE, Source.FALLBACK)], False,
            [BEA], [EVE],
        ),
        ("nobody is left: the administrators", OWNERS_OR_EVE, now(owners=(ADA,)), [asked(BOB)], False, [ADA], [BOB]),
        ("not even they", OWNERS_OR_EVE, now(), [asked(BOB)], False, [], [BOB]),
        (
            "an alternate stays once it has escalated",
            ESCALATING, now(named={BOB.id: LEFT_BOB, BEA.id: BEA}), [asked(LEFT_BOB), asked(BEA, Source.ALTERNATE)],
            True, [], [LEFT_BOB],
        ),
        (
            "alternates are not asked before",
            ESCALATING, now(named={BOB.id: BOB, BEA.id: BEA}), [asked(BOB)], False, [], [],
        ),
        (
            "what was reassigned stays so",
            planned(MANAGER), now(managers=(MAX,)), [asked(EVE, Source.REASSIGNED)], False, [], [],
        ),
        (
            "of those it was given to one left",
            planned(MANAGER), now(managers=(MAX,)), [asked(LEFT_BOB, Source.REASSIGNED), asked(EVE, Source.REASSIGNED)],
            False, [], [LEFT_BOB],
        ),
        (
            "all of those left: back to the plan",
            planned(MANAGER), now(managers=(MAX,)), [asked(LEFT_BOB, Source.REASSIGNED)], False, [MAX], [LEFT_BOB],
        ),
        (
            "the new manager is who asks: the next one",
            planned(MANAGER), now(managers=(CY, MAX)), [asked(MIA)], False, [MAX], [MIA],
        ),
    ],
)  # fmt: skip
def test_who_comes_and_who_goes(
    story: str,
    stage: PlannedStage,
    people: People,
    before: list[Approver],
    is_escalated: bool,
    came: list[Person],
    gone: list[Person],
) -> None:
    by_id = {one.person.id: one for one in before}
    wanted = resolve_anew(stage, ApproverIsRequestor.NEXT_MANAGER, people, by_id, is_escalated=is_escalated)
    change = compared(by_id, wanted)
    assert ([one.person for one in change.came], [one.person for one in change.gone]) == (came, gone), story
    assert change.is_any is bool(came or gone or not wanted)
    assert change.is_stuck is not bool(wanted)
