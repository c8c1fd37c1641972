"""Paths as different clients write them."""

import pytest

from api.middleware import Paths
from grantline.persistence.database import Database
from tests.api.conftest import Clients
from tests.cast import LEO, MIA


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Stay with SQLite: nothing here depends on the kind of database."""
    return sqlite_database


TEMPLATES = [
    ("/v1.0/users", {"GET", "POST"}),
    ("/v1.0/users/{user_id}", {"GET"}),
    ("/v1.0/users/{user_id}", {"DELETE"}),
    ("/v1.0/users/{user_id}/directReports", {"GET"}),
    ("/v1.0/users/{user_id}/directReports/graph.user", {"GET"}),
    ("/v1.0/users/{user_id}/manager/$ref", {"PUT"}),
    ("/v1.0/groups/{group_id}/members/$count", {"GET"}),
    ("/v1.0/me", {"GET"}),
    ("/v1.0/identityGovernance/entitlementManagement/accessPackages/filterByCurrentUser(on='{on}')", {"GET"}),
    ("/v1.0/identityGovernance/entitlementManagement/accessPackages/{id}/resourceRoleScopes/{scope_id}", {"GET"}),
    ("/v1.0/identityGovernance/entitlementManagement/subjects(objectId='{object_id}')", {"GET"}),
    ("/v1.0/identityGovernance/entitlementManagement/assignments/additionalAccess()", {"GET"}),
    (
        (
            "/v1.0/identityGovernance/entitlementManagement/assignments/"
            "additionalAccess(accessPackageId='{package_id}',incompatibleAccessPackageId='{other_id}')"
        ),
        {"GET"},
    ),
]
EM = "/v1.0/identityGovernance/entitlementManagement"
PACKAGE = f"{EM}/accessPackages"
ID = "6f2b1f9e-9a55-4d4c-8f9e-2f1f4c3b2a10"
OTHER = "0f2b1f9e-9a55-4d4c-8f9e-2f1f4c3b2a1f"


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("/v1.0/users", "/v1.0/users"),
        ("/V1.0/USERS/", "/v1.0/users"),
        (f"/v1.0/users/{ID.upper()}", f"/v1.0/users/{ID}"),
        (f"/v1.0/users('{ID}')", f"/v1.0/users/{ID}"),
        (f"/v1.0/users({ID})/directreports", f"/v1.0/users/{ID}/directReports"),
        ("/v1.0/users('o''neil@x.test')", "/v1.0/users/o'neil@x.test"),
        (f"/v1.0/users/{ID}/directReports/microsoft.graph.user", f"/v1.0/users/{ID}/directReports/graph.user"),
        (f"/v1.0/users/{ID}/directReports/Graph.User", f"/v1.0/users/{ID}/directReports/graph.user"),
        ("/v1.0/users/me-token-to-replace", "/v1.0/me"),
        ("/v1.0/users/me-token-to-replace/directReports", "/v1.0/me/directReports"),
        (f"/v1.0/groups/{ID}/members/$Count", f"/v1.0/groups/{ID}/members/$count"),
        (
            f"{PACKAGE.upper()}/FilterByCurrentUser(On='x')".replace("/V1.0", "/v1.0"),
            f"{PACKAGE}/filterByCurrentUser(on='x')",
        ),
        (
            f"{PACKAGE}/filterbycurrentuser( on = 'allowedRequestor' )",
            f"{PACKAGE}/filterByCurrentUser(on='allowedRequestor')",
        ),
        (
            f"{PACKAGE}/filterByCurrentUser(on=allowedRequestor)",
            f"{PACKAGE}/filterByCurrentUser(on='allowedRequestor')",
        ),
        (f"{PACKAGE}/microsoft.graph.filterByCurrentUser(on='x')", f"{PACKAGE}/filterByCurrentUser(on='x')"),
        (f"{PACKAGE}/graph.filterByCurrentUser(on='x')", f"{PACKAGE}/filterByCurrentUser(on='x')"),
        (f"{EM}/subjects(objectid='{ID}')", f"{EM}/subjects(objectId='{ID}')"),
        (f"{EM}/assignments/AdditionalAccess()", f"{EM}/assignments/additionalAccess()"),
        (
            f"{EM}/assignments/additionalAccess(accessPackageId='{ID}'incompatibleaccesspackageid='{OTHER}')",
            f"{EM}/assignments/additionalAccess(accessPackageId='{ID}',incompatibleAccessPackageId='{OTHER}')",
        ),
        (
            f"{PACKAGE}/{ID}/resourcerolescopes/{ID.upper()}_{OTHER.upper()}",
            f"{PACKAGE}/{ID}/resourceRoleScopes/{ID}_{OTHER}",
        ),
        ("/v1.0/users/Leo@Grantline.test", "/v1.0/users/Leo@Grantline.test"),
        ("/", "/"),
        ("//", "/"),
        ("/v1.0/nonsense(((", "/v1.0/nonsense((("),
        ("/v1.0/users(')", "/v1.0/users/'"),
    ],
)
def test_paths_become_what_the_routes_know(asked: str, meant: str) -> None:
    assert Paths(TEMPLATES).canonical(asked) == meant


def test_the_methods_of_a_path_are_those_of_all_its_routes() -> None:
    paths = Paths(TEMPLATES)
    assert paths.at(f"/v1.0/users/{ID}") == ["DELETE", "GET"]
    assert paths.at("/v1.0/users") == ["GET", "POST"]
    assert paths.at("/v1.0/nobody") == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/ME/directreports/MICROSOFT.GRAPH.USER?$TOP=1&$Select=ID&$orderBy=displayName%20desc", LEO.id),
        ("/users/me-token-to-replace/directReports?top=1&orderby=displayName desc", LEO.id),
        (f"/users('{MIA.id}')/directReports?%24top=1&%24orderby=displayName%20desc", LEO.id),
        (f"/Users(%27{MIA.id}%27)/directReports?$skip=1", LEO.id),
    ],
)
async def test_clients_find_what_they_mean(as_: Clients, path: str, expected: str) -> None:
    answer = await as_(MIA).get(path)
    assert answer.status_code == 200, answer.text
    assert answer.json()["value"][0]["id"] == expected


async def test_a_next_link_keeps_the_callers_options(as_: Clients) -> None:
    answer = await as_(MIA).get("/me/directReports?$top=1&$select=id&$count=true&$skip=0")
    link = answer.json()["@odata.nextLink"]
    head, _, token = link.partition("$skiptoken=")
    assert head == "http://grantline.test/v1.0/me/directReports?$top=1&$select=id&$count=true&"
    assert token
    second = (await as_(MIA).get(link)).json()
    assert [one["id"] for one in second["value"]] == [LEO.id]
    assert second["@odata.count"] == 2
    assert "@odata.nextLink" not in second
