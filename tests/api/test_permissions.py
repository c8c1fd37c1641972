"""What a token's permissions let its bearer do: scopes narrow a person, roles are all that an application has."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from api.app import create_app
from grantline.persistence.audit import verify
from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events, people
from grantline.settings import Settings
from tests.api.configured import CATALOGS, PACKAGES, a_catalog, a_package, a_policy, a_resource, give_role, made
from tests.api.conftest import V1, RecordingRelay
from tests.api.office import APPROVALS, ASSIGNMENTS, POLICY_ID, REQUESTS, open_office, user_add
from tests.api.openid import AUDIENCE, ISSUER, HandMadeProvider
from tests.cast import ADA, BOB, LEO, MIA, OWNERS, Person

READ, WRITE, OWN = (
    "EntitlementManagement.Read.All",
    "EntitlementManagement.ReadWrite.All",
    "EntitlementMgmt-SubjectAccess.ReadWrite",
)
ME_ENOUGH = (
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "User.Read",
    "User.Read.All",
    "User.ReadBasic.All",
    "User.ReadWrite.All",
)
CATALOG = {"displayName": "HR", "description": "People"}

Caller = Callable[[str], httpx2.AsyncClient]


@pytest.fixture
def provider() -> HandMadeProvider:
    return HandMadeProvider()


def app_with(provider: HandMadeProvider, database: Database, relay: RecordingRelay, home: Path, **more: Any) -> FastAPI:
    settings = Settings(
        home=home,
        oidc_issuer=ISSUER,
        oidc_audience=AUDIENCE,
        administrators=(ADA.user_principal_name,),
        **more,
    )
    return create_app(settings=settings, database=database, relay=relay, issuer=provider.issuer())


@pytest.fixture
def app(provider: HandMadeProvider, database: Database, relay: RecordingRelay, tmp_path: Path) -> FastAPI:
    return app_with(provider, database, relay, tmp_path)


@pytest.fixture
async def with_token(app: FastAPI) -> AsyncIterator[Caller]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=V1) as client:

        def call(token: str) -> httpx2.AsyncClient:
            client.headers["Authorization"] = f"Bearer {token}"
            return client

        yield call


def lacks(answer: httpx2.Response, *enough: str) -> bool:
    """Tell whether the answer is that the token does not reach so far, and names what would."""
    challenge = answer.headers.get("www-authenticate", "")
    return (
        (answer.status_code, answer.json()["error"]["code"]) == (403, "permissionMissing")
        and challenge == f'Bearer error="insufficient_scope", scope="{" ".join(enough)}"'
        and all(name in answer.json()["error"]["message"] for name in enough)
    )


async def test_who_may_only_read_writes_nothing(with_token: Caller, provider: HandMadeProvider) -> None:
    ada = with_token(provider.token(ADA, scp=f"openid {READ}"))
    assert (await ada.get(CATALOGS)).status_code == 200
    assert (await ada.get(REQUESTS)).status_code == 200
    assert lacks(await ada.post(CATALOGS, json=CATALOG), WRITE)
    assert lacks(await ada.post(REQUESTS, json={}), WRITE, OWN)
    ada = with_token(provider.token(ADA, scp=f"{READ} {WRITE}"))
    assert (await ada.post(CATALOGS, json=CATALOG)).status_code == 201


async def test_self_service_is_for_ones_own_access(
    with_token: Caller, provider: HandMadeProvider, database: Database
) -> None:
    await open_office(database)
    mia = with_token(provider.token(MIA, scp=[OWN]))
    asked = await mia.post(REQUESTS, json=user_add(LEO))
    assert asked.status_code == 201, asked.text
    request_id = asked.json()["id"]
    assert (await mia.get(f"{REQUESTS}/filterByCurrentUser(on='targetOrRequestor')")).status_code == 200
    assert (await mia.get(f"http://grantline.test/api/requests/{request_id}/explain")).status_code == 200
    assert lacks(await mia.get(f"{APPROVALS}/{request_id}/stages"), READ, WRITE)
    assert lacks(await mia.get("/me"), *sorted(ME_ENOUGH))
    assert (await mia.post(f"{REQUESTS}/{request_id}/cancel")).status_code == 204


async def test_an_administrator_who_comes_with_self_service_is_a_person_like_any_other(
    with_token: Caller, provider: HandMadeProvider, database: Database
) -> None:
    await open_office(database)
    direct = {**user_add(), "requestType": "adminAdd"}
    direct["assignment"] |= {"targetId": LEO.id, "assignmentPolicyId": POLICY_ID}
    refused = await with_token(provider.token(ADA, scp=OWN)).post(REQUESTS, json=direct)
    assert refused.status_code == 403, refused.text
    assert (await with_token(provider.token(ADA, scp=WRITE)).post(REQUESTS, json=direct)).status_code == 201


async def test_an_approver_decides_with_a_token_that_may_write(
    with_token: Caller, provider: HandMadeProvider, database: Database
) -> None:
    await open_office(database)
    asked = await with_token(provider.token(MIA)).post(REQUESTS, json=user_add(LEO))
    stages = f"{APPROVALS}/{asked.json()['id']}/stages"
    (stage,) = (await with_token(provider.token(BOB, scp=READ)).get(stages)).json()["value"]
    decision = {"reviewResult": "Approve", "justification": "Fine"}
    assert lacks(await with_token(provider.token(BOB, scp=READ)).patch(f"{stages}/{stage['id']}", json=decision), WRITE)
    decided = await with_token(provider.token(BOB, scp=WRITE)).patch(f"{stages}/{stage['id']}", json=decision)
    assert decided.status_code == 204, decided.text


async def test_scopes_are_required_only_where_the_settings_say_so(
    provider: HandMadeProvider, database: Database, relay: RecordingRelay, tmp_path: Path, with_token: Caller
) -> None:
    plain = provider.token(LEO, scp="openid profile")
    assert (await with_token(plain).get("/me")).status_code == 200
    strict = app_with(provider, database, relay, tmp_path, oidc_require_scopes=True)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=strict), base_url=V1) as client:
        refused = await client.get("/me", headers={"Authorization": f"Bearer {plain}"})
        assert lacks(refused, *ME_ENOUGH)
        assert "The token has no permission that is known here" in refused.json()["error"]["message"]
        told = provider.token(LEO, scope="api://grantline/User.Read")
        assert (await client.get("/me", headers={"Authorization": f"Bearer {told}"})).status_code == 200


async def test_scopes_give_nobody_more_than_they_may(with_token: Caller, provider: HandMadeProvider) -> None:
    leo = with_token(provider.token(LEO, scp=f"{WRITE} Directory.ReadWrite.All"))
    refused = await leo.post(CATALOGS, json=CATALOG)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "accessDenied")
    assert (await leo.post("/groups", json={"displayName": "Mine"})).status_code == 403


async def test_a_persons_roles_are_no_permissions(with_token: Caller, provider: HandMadeProvider) -> None:
    """Entra writes the app roles of people into the same claim."""
    leo = with_token(provider.token(LEO, scp=OWN, roles=[WRITE], azp="portal"))
    assert lacks(await leo.get(CATALOGS), READ, WRITE)
    leo = with_token(provider.token(LEO, roles=[WRITE], azp="portal"))
    assert (await leo.post(CATALOGS, json=CATALOG)).status_code == 403


async def test_an_application_does_what_its_roles_say_and_is_on_record_with_its_id(
    with_token: Caller, provider: HandMadeProvider, database: Database
) -> None:
    app = with_token(provider.application_token("hr-sync", WRITE, app_displayname="HR sync"))
    made = await app.post(CATALOGS, json=CATALOG)
    assert made.status_code == 201, made.text
    async with database.read() as tx:
        event = await tx.first(select(audit_events).where(audit_events.c.object_id == made.json()["id"]))
    assert event is not None
    assert (event.type, event.actor_id) == ("configuration.created", "application:hr-sync")
    assert lacks(await app.get("/users"), *sorted(set(ME_ENOUGH) - {"User.Read"}))
    told = (await app.get("http://grantline.test/api/session")).json()
    assert {key: told[key] for key in ("kind", "id", "displayName")} == {
        "kind": "application",
        "id": "application:hr-sync",
        "displayName": "HR sync",
    }


async def test_an_application_sets_up_people_groups_and_a_package_from_nothing(
    with_token: Caller, provider: HandMadeProvider, database: Database
) -> None:
    app = with_token(
        provider.application_token("c0ffee00-1111-4222-8333-444455556666", WRITE, "Directory.ReadWrite.All")
    )
    zoe = {"displayName": "Zoe", "userPrincipalName": "zoe@grantline.test", "accountEnabled": True}
    zoe_id = (await made(app, "/users", zoe))["id"]
    for path in (f"/users/{zoe_id}/manager/$ref", f"/users/{zoe_id}/sponsors/$ref"):
        method = "PUT" if "manager" in path else "POST"
        answer = await app.request(method, path, json={"@odata.id": f"{V1}/users/{MIA.id}"})
        assert answer.status_code == 204, answer.text
    group_id = (await made(app, "/groups", {"displayName": "HR readers"}))["id"]
    member = {"@odata.id": f"{V1}/users/{zoe_id}"}
    assert (await app.post(f"/groups/{group_id}/members/$ref", json=member)).status_code == 204
    catalog_id = await a_catalog(app)
    package_id = await a_package(app, catalog_id)
    await give_role(app, package_id, await a_resource(app, catalog_id, group_id))
    await a_policy(app, package_id)
    incompatible = {"@odata.id": f"{V1}/groups/{OWNERS.id}"}
    assert (await app.post(f"{PACKAGES}/{package_id}/incompatibleGroups/$ref", json=incompatible)).status_code == 204
    async with database.read() as tx:
        actors = {row.actor_id for row in await tx.all(select(audit_events.c.actor_id))}
        assert await verify(tx) is None
    assert actors == {"application:c0ffee00-1111-4222-8333-444455556666"}


async def test_an_application_that_may_read_reads_everything_and_writes_nothing(
    with_token: Caller, provider: HandMadeProvider, database: Database
) -> None:
    await open_office(database)
    await with_token(provider.token(MIA)).post(REQUESTS, json=user_add(LEO))
    app = with_token(provider.application_token("report", READ, "User.Read.All", "GroupMember.Read.All"))
    for path in (REQUESTS, ASSIGNMENTS, CATALOGS, PACKAGES, "/users", f"/users/{LEO.id}/manager", "/groups"):
        assert (await app.get(path)).status_code == 200, path
    (request,) = (await app.get(REQUESTS)).json()["value"]
    assert (await app.get(f"{REQUESTS}/{request['id']}")).status_code == 200
    assert (await app.get(f"http://grantline.test/api/requests/{request['id']}/explain")).status_code == 200
    assert lacks(await app.post(CATALOGS, json=CATALOG), WRITE)
    assert lacks(
        await app.patch(f"/users/{LEO.id}", json={"jobTitle": "x"}), "Directory.ReadWrite.All", "User.ReadWrite.All"
    )
    member = {"@odata.id": f"{V1}/users/{LEO.id}"}
    assert (await app.post(f"/groups/{OWNERS.id}/members/$ref", json=member)).status_code == 403


async def test_an_application_is_nobody_who_cancels_decides_or_has_a_profile(
    with_token: Caller, provider: HandMadeProvider, database: Database
) -> None:
    await open_office(database)
    asked = await with_token(provider.token(MIA)).post(REQUESTS, json=user_add(LEO))
    request_id = asked.json()["id"]
    app = with_token(provider.application_token("robot", WRITE, "Directory.ReadWrite.All"))
    stage = f"{APPROVALS}/{request_id}/stages/{request_id}"
    for method, path, body in (
        ("POST", f"{REQUESTS}/{request_id}/cancel", None),
        ("PATCH", stage, {"reviewResult": "Approve"}),
        ("GET", f"{REQUESTS}/filterByCurrentUser(on='approver')", None),
        ("GET", "/me", None),
    ):
        refused = await app.request(method, path, json=body)
        assert lacks(refused), path
        assert refused.json()["error"]["message"] == "No application may do this; it needs a person who is signed in."
    assert (await app.patch("/me", json={"jobTitle": "Robot"})).status_code == 404


async def test_an_application_without_roles_may_do_nothing(with_token: Caller, provider: HandMadeProvider) -> None:
    for roles in ((), ("Payroll.Write",)):
        app = with_token(provider.application_token("nobody", *roles))
        assert lacks(await app.get(CATALOGS), READ, WRITE)


@pytest.mark.parametrize(
    ("story", "changes"),
    [
        ("Entra, without idtyp", {"idtyp": None}),
        ("RFC 9068", {"idtyp": None, "oid": None, "appid": None, "client_id": "job", "sub": "job"}),
        (
            "Auth0",
            {"idtyp": None, "oid": None, "appid": None, "azp": "job", "gty": "client-credentials", "sub": "job@c"},
        ),
        (
            "Keycloak",
            {
                "idtyp": None,
                "oid": None,
                "appid": None,
                "azp": "job",
                "sub": "f3a1",
                "preferred_username": "service-account-job",
                "scope": "profile email",
            },
        ),
        ("Okta", {"idtyp": None, "oid": None, "appid": None, "cid": "job", "sub": "job", "roles": None, "scp": [READ]}),
    ],
)
async def test_each_provider_marks_an_application_in_its_own_way(
    with_token: Caller, provider: HandMadeProvider, story: str, changes: dict[str, Any]
) -> None:
    app = with_token(provider.application_token("job", READ, **changes))
    told = (await app.get("http://grantline.test/api/session")).json()
    assert (told.get("kind"), told.get("id")) == ("application", "application:job"), story
    assert (await app.get(CATALOGS)).status_code == 200, story


async def test_an_id_too_long_for_the_trail_is_refused(with_token: Caller, provider: HandMadeProvider) -> None:
    refused = await with_token(provider.application_token("a" * 101, READ)).get(CATALOGS)
    assert (refused.status_code, "longer than 100" in refused.json()["error"]["message"]) == (401, True)


@pytest.mark.parametrize(
    ("claims", "changes", "person"),
    [
        ("email", {"email": LEO.mail, "email_verified": True}, LEO),
        ("email", {"email": LEO.mail}, None),
        ("email", {"email": LEO.mail, "email_verified": "true"}, None),
        ("nr=employeeId", {"nr": "E-leo"}, LEO),
        ("nr=employeeId", {"nr": "e-LEO"}, None),
        ("sub=userPrincipalName", {"sub": "LEO@grantline.test"}, LEO),
        ("sub", {}, None),
        ("sub,preferred_username", {}, MIA),
        ("preferred_username, nr=employeeId", {"nr": "E-leo"}, MIA),
    ],
)
async def test_the_settings_say_which_claims_name_a_person(
    provider: HandMadeProvider,
    database: Database,
    relay: RecordingRelay,
    tmp_path: Path,
    claims: str,
    changes: dict[str, Any],
    person: Person | None,
) -> None:
    app = app_with(provider, database, relay, tmp_path, oidc_person_claims=claims)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=V1) as client:
        answer = await client.get(
            "/me", headers={"Authorization": f"Bearer {provider.token(MIA, oid=None, **changes)}"}
        )
    assert (answer.status_code, answer.json().get("id")) == ((200, person.id) if person else (401, None))


async def test_a_mail_that_two_people_share_names_neither(
    provider: HandMadeProvider, database: Database, relay: RecordingRelay, tmp_path: Path
) -> None:
    async with database.write() as tx:
        await tx.changed(update(people).where(people.c.id.in_([LEO.id, MIA.id])).values(mail_key="team@grantline.test"))
    app = app_with(provider, database, relay, tmp_path, oidc_person_claims="email,preferred_username")
    token = provider.token(MIA, email="team@grantline.test", email_verified=True)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=V1) as client:
        assert (await client.get("/me", headers={"Authorization": f"Bearer {token}"})).status_code == 401


async def test_roles_may_lie_deep_inside_a_token(
    provider: HandMadeProvider, database: Database, relay: RecordingRelay, tmp_path: Path
) -> None:
    app = app_with(provider, database, relay, tmp_path, oidc_roles_claim="resource_access.grantline.roles")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=V1) as client:
        for access, status in (
            ({"grantline": {"roles": [READ]}}, 200),
            ({"grantline": "roles"}, 403),
            ([READ], 403),
            ({"other": {"roles": [READ]}}, 403),
        ):
            token = provider.application_token("job", READ, resource_access=access)
            assert (await client.get(CATALOGS, headers={"Authorization": f"Bearer {token}"})).status_code == status
