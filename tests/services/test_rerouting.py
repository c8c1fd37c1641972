"""Open stages follow the directory: who approves today is whom they wait for, and the record says why."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.briefing import ApproversChangedSignal
from grantline.model.person import Person
from grantline.model.policy import StageSettings
from grantline.model.request import RequestState, Verdict
from grantline.model.subjects import GroupMembers, RequestorManager, SingleUser, SubjectSet, TargetUserSponsors
from grantline.persistence import directory_changes, policies
from grantline.persistence.database import Database
from grantline.persistence.delegation_tables import directory_changes as changes_table
from grantline.services.approvals import rerouting
from grantline.services.approvals.nudging import escalate_stage
from grantline.services.assignments import lifecycle
from grantline.services.assignments.group_memberships import GroupMemberships
from grantline.services.directory import people_and_groups as directory
from grantline.services.directory.people_import import import_people
from tests.cast import ADA, BEA, BOB, CAST, CY, EVE, LEO, MAX, MIA, OWNERS, acting
from tests.services.letterbox import mail_to
from tests.services.scene import (
    approved_by,
    ask_for,
    change_person,
    events,
    furnish,
    policy,
    request_now,
    says,
    stage,
    stages_now,
    trail,
)

ADMINISTRATORS = (ADA.user_principal_name,)
NAMES = {one.id: one.display_name.split()[0] for one in CAST}


async def asked(db: Database, *stages_: StageSettings, requestor: Person, target: Person = LEO) -> str:
    """Ask under a policy with these stages; return the request's id."""
    await furnish(db, policy(approval_settings=approved_by(*stages_)))
    return (await ask_for(db, requestor, target)).request.id


async def for_leo(db: Database, *primary: SubjectSet, fallback: tuple[SubjectSet, ...] = (), **more: Any) -> str:
    """Ask by Leo for himself, under a policy by which these decide."""
    return await asked(db, stage(*primary, fallback=fallback, **more), requestor=LEO)


async def follow(db: Database) -> list[str]:
    """Let open stages follow; return the requests whose workflows are told."""
    messages = await rerouting.follow(db, administrators=ADMINISTRATORS)
    assert all(isinstance(one.body, ApproversChangedSignal) for one in messages)
    return [one.subject_id for one in messages]


async def waits_for(db: Database, request_id: str) -> str:
    """Return whom the open stage waits for."""
    found = [one for one in await stages_now(db, request_id) if one.waiting_ids]
    return " ".join(sorted(NAMES[id_] for one in found for id_ in one.waiting_ids))


@dataclass(frozen=True)
class Told:
    """What the trail says of a re-routing."""

    came: str
    gone: str
    reason: str


async def rerouted(db: Database) -> list[Told]:
    """Return what the trail says, in order."""

    def names(some: list[dict[str, str]]) -> str:
        return " ".join(f"{NAMES[one['id']]} ({one['source']})" for one in some)

    return [
        Told(names(one.details["came"]), names(one.details["gone"]), one.reason)
        for one in await events(db, "stage.rerouted")
    ]


NAMED_BOB = SingleUser(user_id=BOB.id)
BY_OWNERS = GroupMembers(group_id=OWNERS.id)
BY_MANAGER = RequestorManager(manager_level=1)
OR_CY = (SingleUser(user_id=CY.id),)


async def test_an_approver_who_leaves_is_replaced_by_the_fallback_and_comes_back(database: Database) -> None:
    request_id = await for_leo(database, NAMED_BOB, fallback=OR_CY)
    deadline = (await lifecycle.progress(database, request_id)).deadline_at

    await directory.change_person(database, acting(ADA), BOB.id, {"account_enabled": False})
    assert await follow(database) == [request_id]
    assert await waits_for(database, request_id) == "Cy"
    assert (await lifecycle.progress(database, request_id)).deadline_at == deadline
    assert [kind for kind, _ in await mail_to(database, CY)] == ["approval-needed"]

    await directory.change_person(database, acting(ADA), BOB.id, {"account_enabled": True})
    assert await follow(database) == [request_id]
    assert await waits_for(database, request_id) == "Bob"
    assert await rerouted(database) == [
        Told("Cy (fallback)", "Bob (primary)", "the account of Bob Stone was disabled"),
        Told("Bob (primary)", "Cy (fallback)", "the account of Bob Stone was enabled"),
    ]
    assert [kind for kind, _ in await mail_to(database, BOB)] == ["approval-needed", "approval-needed"]
    with pytest.raises(errors.NotFound):
        await says(database, CY, request_id, Verdict.APPROVE)
    await says(database, BOB, request_id, Verdict.APPROVE)


async def test_a_new_manager_decides_and_the_old_one_no_more(database: Database) -> None:
    request_id = await for_leo(database, BY_MANAGER)
    assert await waits_for(database, request_id) == "Mia"
    await directory.set_manager(database, acting(ADA), LEO.id, EVE.id)
    assert await follow(database) == [request_id]
    assert await waits_for(database, request_id) == "Eve"
    assert await rerouted(database) == [Told("Eve (primary)", "Mia (primary)", "Leo Park has another manager, or none")]
    with pytest.raises(errors.NotFound):
        await says(database, MIA, request_id, Verdict.APPROVE)
    await says(database, EVE, request_id, Verdict.DENY, "not now")


async def test_a_manager_further_up_who_moves_is_followed_too(database: Database) -> None:
    request_id = await for_leo(database, RequestorManager(manager_level=2))
    assert await waits_for(database, request_id) == "Max"
    await directory.set_manager(database, acting(ADA), MIA.id, EVE.id)
    assert await follow(database) == [request_id]
    assert await waits_for(database, request_id) == "Eve"


async def test_a_manager_who_is_deleted_is_followed(database: Database) -> None:
    between = await directory.create_person(
        database,
        acting(ADA),
        {"user_principal_name": "zoe@grantline.test", "display_name": "Zoe Zen"},
        MAX.id,
    )
    await directory.set_manager(database, acting(ADA), LEO.id, between.person.id)
    await follow(database)
    request_id = await for_leo(database, RequestorManager(manager_level=2), fallback=OR_CY)
    assert await waits_for(database, request_id) == "Max"
    await directory.delete_person(database, acting(ADA), between.person.id)
    await follow(database)
    assert await waits_for(database, request_id) == "Cy"


async def test_members_who_come_and_go_are_followed_by_whatever_door(database: Database) -> None:
    request_id = await for_leo(database, BY_OWNERS)
    await directory.add_member(database, acting(ADA), OWNERS.id, EVE.id)
    await directory.remove_member(database, acting(ADA), OWNERS.id, BOB.id)
    await follow(database)
    assert await waits_for(database, request_id) == "Bea Eve"
    await GroupMemberships(database).add(OWNERS.id, CY.id)
    await follow(database)
    assert await waits_for(database, request_id) == "Bea Cy Eve"
    assert [one.reason for one in await rerouted(database)] == ["the members of Payroll owners changed"] * 2


async def test_sponsors_who_come_and_go_are_followed(database: Database) -> None:
    await directory.add_sponsor(database, acting(ADA), LEO.id, EVE.id)
    request_id = await for_leo(database, TargetUserSponsors(), fallback=OR_CY)
    assert await waits_for(database, request_id) == "Eve"
    await directory.remove_sponsor(database, acting(ADA), LEO.id, EVE.id)
    await follow(database)
    assert await waits_for(database, request_id) == "Cy"
    await directory.add_sponsor(database, acting(ADA), LEO.id, MAX.id)
    await follow(database)
    assert await waits_for(database, request_id) == "Max"


async def test_the_requestor_who_becomes_the_manager_never_decides(database: Database) -> None:
    request_id = await asked(database, stage(BY_MANAGER), requestor=MIA)
    assert await waits_for(database, request_id) == "Max"
    await directory.set_manager(database, acting(ADA), MIA.id, EVE.id)
    await follow(database)
    assert await waits_for(database, request_id) == "Eve"
    await directory.add_member(database, acting(ADA), OWNERS.id, MIA.id)
    await follow(database)
    assert await waits_for(database, request_id) == "Eve"


async def test_nobody_left_goes_to_the_administrators_and_without_them_it_is_denied(database: Database) -> None:
    request_id = await for_leo(database, NAMED_BOB)
    await directory.change_person(database, acting(ADA), BOB.id, {"account_enabled": False})
    await follow(database)
    assert await waits_for(database, request_id) == "Ada"
    await change_person(database, ADA, account_enabled=False)

    (message,) = await rerouting.follow(database)

    request = await request_now(database, request_id)
    assert (message.subject_id, request.state) == (request_id, RequestState.DENIED)
    assert request.status == "Denied: nobody may decide stage 1 any more"
    assert await rerouted(database) == [
        Told("Ada (catalogOwner)", "Bob (primary)", "the account of Bob Stone was disabled"),
        Told("", "Ada (catalogOwner)", "the account of Ada King was disabled"),
    ]
    (denied,) = await events(database, "request.denied")
    assert (denied.actor_id, denied.reason) == (None, "nobody may decide stage 1 any more")
    assert [kind for kind, _ in await mail_to(database, LEO)] == ["request-denied"]
    assert (await lifecycle.progress(database, request_id)).state is RequestState.DENIED


async def test_once_escalated_alternates_are_followed_too(database: Database) -> None:
    request_id = await for_leo(
        database,
        NAMED_BOB,
        is_escalation_enabled=True,
        escalates_after=timedelta(hours=1),
        escalation_approvers=(BY_OWNERS,),
    )
    await directory.add_member(database, acting(ADA), OWNERS.id, EVE.id)
    assert await follow(database) == []
    now = await lifecycle.progress(database, request_id)
    assert now.stage_id is not None
    assert now.escalates_at is not None
    await escalate_stage(database, request_id, now.stage_id, now.escalates_at)
    assert await waits_for(database, request_id) == "Bea Bob Eve"
    await directory.remove_member(database, acting(ADA), OWNERS.id, EVE.id)
    await directory.add_member(database, acting(ADA), OWNERS.id, MAX.id)
    await follow(database)
    assert await waits_for(database, request_id) == "Bea Bob Max"


async def test_what_is_decided_stays_and_later_stages_look_when_they_open(database: Database) -> None:
    request_id = await asked(database, stage(NAMED_BOB), stage(BY_OWNERS), requestor=LEO)
    await says(database, BOB, request_id, Verdict.APPROVE)
    await directory.change_person(database, acting(ADA), BOB.id, {"account_enabled": False})
    await follow(database)
    first, second = await stages_now(database, request_id)
    assert (first.stage.verdict, first.stage.decided_by_id) == (Verdict.APPROVE, BOB.id)
    assert second.waiting_ids == {BEA.id}


async def test_a_plan_is_followed_though_its_policy_was_edited(database: Database) -> None:
    request_id = await for_leo(database, BY_OWNERS)
    async with database.write() as tx:
        await policies.update_policy(tx, policy(approval_settings=approved_by(stage(NAMED_BOB))))
    await directory.remove_member(database, acting(ADA), OWNERS.id, BOB.id)
    await follow(database)
    assert await waits_for(database, request_id) == "Bea"


async def test_an_import_that_moves_and_disables_is_followed(database: Database) -> None:
    request_id = await for_leo(database, BY_MANAGER)
    rows = [
        "employeeId,userName,displayName,mail,jobTitle,department,managerUserName,hireDate,active",
        f"E-mia,{MIA.user_principal_name},Mia Lind,,,,{MAX.user_principal_name},,false",
        f"E-leo,{LEO.user_principal_name},Leo Park,,,,{EVE.user_principal_name},,true",
        f"E-max,{MAX.user_principal_name},Max Moor,,,,,,true",
    ]
    report = await import_people(database, [f"{row}\n".encode() for row in rows])
    assert report.faults == ()
    assert await follow(database) == [request_id]
    assert await waits_for(database, request_id) == "Eve"


async def test_nothing_is_lost_when_a_process_dies_half_way_and_a_change_is_looked_at_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = await for_leo(database, BY_MANAGER)
    await directory.set_manager(database, acting(ADA), LEO.id, EVE.id)

    async def dies(*_: object) -> None:
        raise errors.Unavailable("the plug was pulled")

    with monkeypatch.context() as away:
        away.setattr(rerouting, "_follow_one", dies)
        with pytest.raises(errors.Unavailable):
            await follow(database)
    assert await waits_for(database, request_id) == "Mia"

    assert await follow(database) == [request_id]
    assert await follow(database) == []
    async with database.read() as tx:
        rows = await tx.all(select(changes_table))
        due = await directory_changes.waiting(tx, utc_now() + rerouting.SECOND_LOOK)
    assert [row.looked_at is not None for row in rows] == [True]
    assert len(due) == 1


async def test_a_decision_is_never_judged_by_a_directory_that_is_no_more(database: Database) -> None:
    request_id = await for_leo(database, BY_MANAGER)
    await directory.set_manager(database, acting(ADA), LEO.id, EVE.id)
    with pytest.raises(errors.NotAnApprover):
        await says(database, MIA, request_id, Verdict.APPROVE)
    await says(database, EVE, request_id, Verdict.APPROVE)
    assert (await request_now(database, request_id)).state is RequestState.DELIVERING
    assert "stage.rerouted" in await trail(database)


async def test_only_what_a_change_can_touch_is_looked_at_some_at_a_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await furnish(database, policy(approval_settings=approved_by(stage(BY_MANAGER, fallback=OR_CY))))
    by_person = {one.id: (await ask_for(database, one, one)).request.id for one in (LEO, BOB, BEA, EVE)}
    looked: list[str] = []
    follow_one = rerouting._follow_one

    async def watched(db: Database, request_id: str, *more: Any) -> Any:
        looked.append(request_id)
        return await follow_one(db, request_id, *more)

    monkeypatch.setattr(rerouting, "_follow_one", watched)
    monkeypatch.setattr(rerouting, "BATCH", 1)
    await directory.change_person(database, acting(ADA), MIA.id, {"account_enabled": False})
    await follow(database)
    assert looked == [by_person[LEO.id]]
    looked.clear()
    await directory.set_manager(database, acting(ADA), MAX.id, ADA.id)
    await follow(database)
    assert sorted(looked) == sorted(by_person[one.id] for one in (LEO, BOB, BEA))
    looked.clear()
    await directory.add_member(database, acting(ADA), OWNERS.id, EVE.id)
    await follow(database)
    assert looked == []
