"""What every connector must do. One class of tests, inherited once per connector.

A test sees the target system through `Target`: the connector under test, and
the hands of somebody who works at the target directly.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from grantline.connectors.base import Connector, RoleDescription
from grantline.errors import TargetRefused, TryAgain
from grantline.model.assignment import Entitlement
from grantline.model.person import Person
from tests.cast import BEA, BOB, CY, EVE, LEO, MAX, MIA

STRANGER = Person(id="stranger", user_principal_name="stranger@nowhere.test", display_name="A Stranger")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target system with a group "Payroll readers" that nobody is in, and the cast but for the stranger."""

    connector: Connector
    cut_off: Connector
    """A connector of the same kind whose target system is down."""
    group_id: str
    members: Callable[[], Awaitable[set[str]]]
    """Return the userNames of the group's members, read past the connector."""
    put: Callable[[Person], Awaitable[None]]
    """Make somebody a member past the connector."""

    def reads(self, person: Person, group_id: str | None = None) -> Entitlement:
        """Return a person's being a member of the group."""
        resource = group_id or self.group_id
        return Entitlement(
            person_id=person.id,
            user_name=person.user_principal_name,
            display_name=person.display_name,
            mail=person.mail,
            origin_system=self.connector.origin_system,
            resource_origin_id=resource,
            role_origin_id=f"Member_{resource}",
        )


def names(*people: Person) -> set[str]:
    """Return their userNames."""
    return {person.user_principal_name for person in people}


class ConnectorContract:
    """Inherit, and give a fixture `target`."""

    kind: type[Connector]

    async def test_nobody_holds_it_at_first(self, target: Target) -> None:
        assert await target.connector.holds(target.reads(LEO)) is False

    async def test_granted_is_held(self, target: Target) -> None:
        await target.connector.grant(target.reads(LEO))
        assert await target.connector.holds(target.reads(LEO)) is True
        assert await target.members() == names(LEO)

    async def test_granted_twice_is_held_once(self, target: Target) -> None:
        first = await target.connector.grant(target.reads(LEO))
        assert await target.connector.grant(target.reads(LEO)) == first
        assert await target.members() == names(LEO)

    async def test_the_account_that_a_grant_names_is_the_one_that_holds(self, target: Target) -> None:
        account = await target.connector.grant(target.reads(LEO))
        assert await target.connector.holds(replace(target.reads(LEO), account_id=account)) is True

    async def test_revoked_is_gone(self, target: Target) -> None:
        await target.connector.grant(target.reads(LEO))
        await target.connector.revoke(target.reads(LEO))
        assert await target.connector.holds(target.reads(LEO)) is False
        assert await target.members() == set()

    async def test_revoked_twice_is_gone(self, target: Target) -> None:
        account = await target.connector.grant(target.reads(LEO))
        for _ in range(2):
            await target.connector.revoke(replace(target.reads(LEO), account_id=account))
        assert await target.members() == set()

    async def test_revoking_what_was_never_granted_changes_nothing(self, target: Target) -> None:
        await target.connector.grant(target.reads(MIA))
        await target.connector.revoke(target.reads(LEO))
        assert await target.members() == names(MIA)

    async def test_what_was_given_by_hand_is_held_and_can_be_granted_and_taken(self, target: Target) -> None:
        await target.put(LEO)
        assert await target.connector.holds(target.reads(LEO)) is True
        await target.connector.grant(target.reads(LEO))
        assert await target.members() == names(LEO)
        await target.connector.revoke(target.reads(LEO))
        assert await target.members() == set()

    async def test_a_grant_and_a_revoke_leave_everybody_else_alone(self, target: Target) -> None:
        await target.put(MIA)
        await target.put(BOB)
        await target.connector.grant(target.reads(LEO))
        await target.connector.revoke(target.reads(BOB))
        assert await target.members() == names(MIA, LEO)

    async def test_an_unknown_resource_is_held_by_nobody_and_refuses_to_be_given(self, target: Target) -> None:
        entitlement = target.reads(LEO, "no such group")
        with pytest.raises(TargetRefused, match="no such group"):
            await target.connector.grant(entitlement)
        assert await target.connector.holds(entitlement) is False
        await target.connector.revoke(entitlement)
        assert await target.connector.exists("no such group") is False

    async def test_an_unknown_person_holds_nothing_and_is_refused_by_name(self, target: Target) -> None:
        entitlement = target.reads(STRANGER)
        with pytest.raises(TargetRefused, match=r"A Stranger|stranger@nowhere\.test"):
            await target.connector.grant(entitlement)
        assert await target.connector.holds(entitlement) is False
        await target.connector.revoke(entitlement)
        assert await target.members() == set()

    async def test_a_role_that_the_resource_does_not_have_is_refused(self, target: Target) -> None:
        entitlement = replace(target.reads(LEO), role_origin_id="Owner_of_everything")
        for act in (target.connector.holds, target.connector.grant, target.connector.revoke):
            with pytest.raises(TargetRefused, match="Owner_of_everything"):
                await act(entitlement)
        assert await target.members() == set()

    async def test_it_describes_its_resource(self, target: Target) -> None:
        assert await target.connector.exists(target.group_id) is True
        assert await target.connector.roles(target.group_id) == [
            RoleDescription(origin_id=f"Member_{target.group_id}", display_name="Member")
        ]

    async def test_names_that_look_like_a_query_are_only_names(self, target: Target) -> None:
        crook = replace(LEO, id="crook", user_principal_name='x" or userName pr or userName eq "\\')
        assert await target.connector.holds(target.reads(crook)) is False
        with pytest.raises(TargetRefused):
            await target.connector.grant(target.reads(crook))
        assert await target.members() == set()

    async def test_people_granted_at_once_are_all_members(self, target: Target) -> None:
        everyone = (LEO, MIA, MAX, BOB, BEA, CY, EVE)
        await asyncio.gather(*(_insist(target.connector.grant, target.reads(person)) for person in everyone))
        assert await target.members() == names(*everyone)

    async def test_grants_and_revokes_at_once_do_not_lose_each_other(self, target: Target) -> None:
        for person in (BOB, BEA, CY):
            await target.put(person)
        await asyncio.gather(
            *(_insist(target.connector.grant, target.reads(person)) for person in (LEO, MIA, MAX)),
            *(_insist(target.connector.revoke, target.reads(person)) for person in (BOB, BEA)),
        )
        assert await target.members() == names(LEO, MIA, MAX, CY)

    async def test_a_target_that_is_down_is_worth_another_try(self, target: Target) -> None:
        for act in (target.cut_off.holds, target.cut_off.grant, target.cut_off.revoke):
            with pytest.raises(TryAgain):
                await act(target.reads(LEO))
        with pytest.raises(TryAgain):
            await target.cut_off.exists(target.group_id)


async def _insist(act: Callable[[Entitlement], Awaitable[object]], entitlement: Entitlement) -> None:
    """Do what the caller of a connector does when it is told to try again."""
    for _ in range(50):
        try:
            await act(entitlement)
        except TryAgain:
            continue
        return
    raise AssertionError(f"{act} never came through")
