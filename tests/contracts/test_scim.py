"""SCIM 2.0 keeps the contract against a real service, and understands how services fail and differ."""

import socket
from collections.abc import AsyncGenerator, Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from grantline.connectors.scim import ScimConnector
from grantline.errors import ConnectorError, TargetRefused, TryAgain
from grantline.model.assignment import Entitlement
from grantline.model.person import Person
from tests.cast import LEO, MIA, READERS
from tests.contracts.connector import ConnectorContract, Target, names
from tests.contracts.service import HTML, SILENCE, TOKEN, Fault, Port, Service, scim_error, scim_service


@pytest.fixture(scope="session")
def port() -> Generator[Port]:
    """Return a port on which services can be opened, one after the other."""
    port = Port()
    yield port
    port.close()


@pytest.fixture
async def service(port: Port) -> AsyncGenerator[Service]:
    """Return a running service."""
    async with scim_service(port) as service:
        yield service


@pytest.fixture
async def scim(service: Service) -> AsyncGenerator[ScimConnector]:
    """Return a connector to it, as patient as in production: a busy machine is no failure."""
    connector = ScimConnector(service.url, TOKEN)
    yield connector
    await connector.aclose()


@pytest.fixture
async def hasty(service: Service) -> AsyncGenerator[ScimConnector]:
    """Return a connector that soon loses patience; only for what never answers."""
    connector = ScimConnector(service.url, TOKEN, answer=timedelta(seconds=0.5))
    yield connector
    await connector.aclose()


def reads(person: Person, group: str = READERS.display_name) -> Entitlement:
    """Return a person's being in a group of the service, named by its displayName."""
    return Entitlement(
        person_id=person.id,
        user_name=person.user_principal_name,
        display_name=person.display_name,
        mail=person.mail,
        origin_system="Scim",
        resource_origin_id=group,
        role_origin_id=f"Member_{group}",
    )


class TestScim(ConnectorContract):
    """The connector `Scim`, its group named by the service's id."""

    kind = ScimConnector

    @pytest.fixture
    async def target(self, service: Service, scim: ScimConnector) -> AsyncGenerator[Target]:
        """Return the group of the service."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            nobody_listens = f"http://127.0.0.1:{free.getsockname()[1]}/v2"
        cut_off = ScimConnector(nobody_listens, TOKEN)
        group = await service.find("Group", "displayName", READERS.display_name)

        async def put(person: Person) -> None:
            await service.put(person.user_principal_name)

        yield Target(connector=scim, cut_off=cut_off, group_id=group["id"], members=service.members, put=put)
        await cut_off.aclose()


@pytest.mark.parametrize("act", ["holds", "grant", "revoke"])
@pytest.mark.parametrize(
    ("story", "fault", "expected", "after", "says"),
    [
        ("throttled", scim_error(429, Retry_After="17"), TryAgain, 17, "429"),
        ("throttled without a time", scim_error(429), TryAgain, None, "429"),
        ("throttled with nonsense", scim_error(429, Retry_After="soon"), TryAgain, None, "429"),
        ("throttled for a year", scim_error(429, Retry_After="31536000"), TryAgain, 3600, "429"),
        ("in maintenance", scim_error(503, Retry_After="120"), TryAgain, 120, "503"),
        ("a gateway's page", Fault(status=502, headers=HTML, body=b"<h1>Bad gateway"), TryAgain, None, "502"),
        ("broken", scim_error(500), TryAgain, None, "500"),
        ("somebody else changed it", scim_error(412), TryAgain, None, "412"),
        ("token not accepted", scim_error(401), TargetRefused, None, "token is not accepted"),
        ("token may not", scim_error(403), TargetRefused, None, "token is not accepted"),
        ("a bad request", scim_error(400, "members is what?"), TargetRefused, None, "members is what"),
        ("a conflict", scim_error(409, "seats are full"), TargetRefused, None, "seats are full"),
        ("not offered", scim_error(501, "never"), TargetRefused, None, "501"),
        ("a proxy's 404", Fault(status=404, headers=HTML, body=b"<h1>Not here"), TargetRefused, None, "404"),
        ("moved", Fault(status=308, headers={"Location": "/elsewhere"}), TargetRefused, None, "308"),
        ("silent", SILENCE, TryAgain, None, "ReadTimeout"),
    ],
)
async def test_how_it_fails(
    service: Service,
    scim: ScimConnector,
    hasty: ScimConnector,
    act: str,
    story: str,
    fault: Fault,
    expected: type[ConnectorError],
    after: int | None,
    says: str,
) -> None:
    service.on("/Users" if act == "holds" else "PATCH", fault)
    with pytest.raises(ConnectorError, match=says) as failed:
        await getattr(hasty if fault is SILENCE else scim, act)(reads(LEO))
    assert (type(failed.value), story) == (expected, story)
    assert getattr(failed.value, "after", None) == (None if after is None else timedelta(seconds=after))
    # It was the service's fault, and is over.
    await getattr(scim, act)(reads(LEO))


async def test_a_pause_may_be_asked_for_as_a_date(service: Service, scim: ScimConnector) -> None:
    in_a_minute = datetime.now(UTC) + timedelta(minutes=1)
    service.on("/Users", scim_error(503, Retry_After=format_datetime(in_a_minute, usegmt=True)))
    with pytest.raises(TryAgain) as failed:
        await scim.holds(reads(LEO))
    assert failed.value.after is not None
    assert timedelta(seconds=50) < failed.value.after <= timedelta(minutes=1)


async def test_what_is_not_scim_is_refused(service: Service, scim: ScimConnector) -> None:
    service.on("/Users", Fault(status=200, headers=HTML, body=b"<h1>Please sign in</h1>"))
    with pytest.raises(TargetRefused, match="does not answer as SCIM"):
        await scim.holds(reads(LEO))


@pytest.mark.parametrize(
    ("story", "fault"),
    [
        ("the answer was lost", scim_error(503)),
        ("a group in nobody's form", Fault(status=200, headers={"Content-Type": "application/json"}, body=b'{"x":1}')),
        ("a success in HTML", Fault(status=200, headers=HTML, body=b"done")),
    ],
)
async def test_done_but_told_badly_is_done(service: Service, scim: ScimConnector, story: str, fault: Fault) -> None:
    service.on("PATCH", replace(fault, acts=True))
    try:
        await scim.grant(reads(LEO))
    except TryAgain:
        await scim.grant(reads(LEO))
    assert (await service.members(), await scim.holds(reads(LEO)), story) == (names(LEO), True, story)


async def test_a_service_that_finds_no_target_to_remove_has_nothing_to_remove(
    service: Service, scim: ScimConnector
) -> None:
    service.on("PATCH", scim_error(400, "no such member", "noTarget"))
    await scim.revoke(reads(LEO))
    service.on("PATCH", scim_error(400, "no such member", "noTarget"))
    with pytest.raises(TargetRefused):
        await scim.grant(reads(LEO))


async def test_a_wrong_token_is_refused_with_advice(service: Service) -> None:
    stranger = ScimConnector(service.url, "wrong")
    with pytest.raises(TargetRefused, match="token is not accepted"):
        await stranger.grant(reads(LEO))
    await stranger.aclose()
    assert await service.members() == set()


async def test_user_names_are_the_same_in_any_case(service: Service, scim: ScimConnector) -> None:
    await scim.grant(replace(reads(LEO), user_name=LEO.user_principal_name.upper()))
    assert await service.members() == names(LEO)


async def test_a_service_that_overlooks_filters_gives_access_to_nobody_else(
    service: Service, scim: ScimConnector
) -> None:
    everybody = await service.hand.get("/Users", params={"filter": f'userName ne "{LEO.user_principal_name}"'})
    service.always("GET /v2/Users", Fault(status=200, headers=dict(everybody.headers), body=everybody.content))
    with pytest.raises(TargetRefused, match=f"no user '{LEO.user_principal_name}'"):
        await scim.grant(reads(LEO))
    assert await service.members() == set()


async def test_two_groups_of_one_name_cannot_be_told_apart(service: Service, scim: ScimConnector) -> None:
    await service.enter("Group", displayName=READERS.display_name)
    for act in (scim.holds, scim.grant, scim.revoke):
        with pytest.raises(TargetRefused, match="2 groups 'Payroll readers'"):
            await act(reads(LEO))


async def test_a_group_made_anew_is_found_again(service: Service, scim: ScimConnector) -> None:
    await scim.grant(reads(LEO))
    old = await service.find("Group", "displayName", READERS.display_name)
    await service.hand.delete(f"/Groups/{old['id']}")
    await service.enter("Group", displayName=READERS.display_name)
    await scim.grant(reads(MIA))
    assert await service.members() == names(MIA)
    assert await scim.holds(reads(LEO)) is False


async def test_a_group_that_is_gone_has_nothing_to_take_back(service: Service, scim: ScimConnector) -> None:
    account = await scim.grant(reads(LEO))
    old = await service.find("Group", "displayName", READERS.display_name)
    await service.hand.delete(f"/Groups/{old['id']}")
    await scim.revoke(replace(reads(LEO), account_id=account))
    assert await scim.holds(replace(reads(LEO), account_id=account)) is False


async def test_access_is_taken_from_the_account_that_got_it_whatever_it_is_called_now(
    service: Service, scim: ScimConnector
) -> None:
    account = await scim.grant(reads(LEO))
    married = replace(reads(LEO), user_name="leo.king@grantline.test", account_id=account)
    assert await scim.holds(married) is True
    await scim.revoke(married)
    assert await service.members() == set()


class TestLookingUpMembers:
    """Services differ in how a member can be looked up; all of these must give the same answer."""

    @pytest.fixture(params=["as it is", "lists no members", "refuses the filter", "finds everybody", "finds nobody"])
    async def odd(self, request: pytest.FixtureRequest, service: Service) -> Service:
        """Return a service with a habit."""
        group = await service.find("Group", "displayName", READERS.display_name)
        bare = await service.hand.get(f"/Groups/{group['id']}", params={"attributes": "displayName"})
        both = await service.hand.get("/Groups", params={"attributes": "displayName"})
        none = await service.hand.get("/Groups", params={"filter": 'displayName eq "none"'})
        habits = {
            "as it is": ("nothing", bare),
            "lists no members": ("attributes=members", bare),
            "refuses the filter": ("members%5B", None),
            "finds everybody": ("members%5B", both),
            "finds nobody": ("members%5B", none),
        }
        part, answer = habits[request.param]
        fault = scim_error(400, "which filter?", "invalidFilter")
        if answer is not None:
            fault = Fault(status=200, headers=dict(answer.headers), body=answer.content)
        service.always(part, fault)
        return service

    async def test_what_is_held_is_seen_and_what_is_not_is_not(self, odd: Service, scim: ScimConnector) -> None:
        for _ in range(2):
            assert [await scim.holds(reads(LEO)), await scim.holds(reads(MIA))] == [False, False]
            account = await scim.grant(reads(LEO))
            assert [await scim.holds(reads(LEO)), await scim.holds(reads(MIA))] == [True, False]
            await scim.revoke(replace(reads(LEO), account_id=account))
            assert await scim.holds(replace(reads(LEO), account_id=account)) is False
        assert await odd.members() == set()

    async def test_members_of_a_large_group_are_not_read_once_the_filter_is_known_to_work(
        self, service: Service, scim: ScimConnector
    ) -> None:
        await scim.grant(reads(LEO))
        assert await scim.holds(reads(LEO)) is True
        service.asked.clear()
        assert [await scim.holds(reads(LEO)), await scim.holds(reads(MIA))] == [True, False]
        assert [asked for asked in service.asked if "attributes=members" in asked] == []
