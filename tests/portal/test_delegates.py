"""What whoever looks after a catalog sees of it in the portal: what their role lets them do, and no button more."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.portal.conftest import Company, Visitors
from tests.portal.test_administration import CATALOG, GOVERNANCE, PACKAGE, Api, add
from tests.portal.test_pages import assert_open_to_all

pytestmark = [pytest.mark.timeout(150), pytest.mark.xdist_group("portal")]

ROLES = "/v1.0/roleManagement/entitlementManagement"
POLICIES = f"packages/{PACKAGE}/policies"
FOR_READERS = (
    "catalogs",
    "packages",
    f"catalogs/{CATALOG}",
    *(f"packages/{PACKAGE}/{one}" for one in ("roles", "exclusions")),
)


@contextmanager
def holding(api: Api, name: str, role: str) -> Iterator[None]:
    """Have somebody hold a role in Finance for a while."""
    held = api(
        "POST",
        f"{ROLES}/roleAssignments",
        {
            "principalId": api.one("/v1.0/users", name)["id"],
            "roleDefinitionId": api.one(f"{ROLES}/roleDefinitions", role)["id"],
            "directoryScopeId": "/",
            "appScopeId": f"/AccessPackageCatalog/{CATALOG}",
        },
    )
    yield
    api("DELETE", f"{ROLES}/roleAssignments/{held['id']}")


def offered(page: Page) -> list[str]:
    """Return what the page itself lets one do, besides going elsewhere."""
    buttons = page.get_by_role("main").get_by_role("button")
    names: list[str] = buttons.evaluate_all("all => all.map(one => one.getAttribute('aria-label') ?? one.textContent)")
    return [name for name in names if name != "clear"]


def test_a_catalog_reader_sees_it_all_and_is_offered_nothing(visitors: Visitors, company: Company) -> None:
    ivan = visitors.come("ivan")
    page = ivan.page
    with holding(Api(ivan, company), "Ivan Petrov", "Catalog reader"):
        for name in FOR_READERS:
            ivan.visit(f"/admin/{name}")
            assert offered(page) == [], name
        expect(page.get_by_role("tab", name="Policies")).to_be_visible()
        expect(page.get_by_role("tab", name="Who has it")).to_have_count(0)
        ivan.visit(f"/admin/{POLICIES}")
        page.get_by_role("link", name="Managers ask for their reports").click()
        means = page.get_by_role("complementary", name="What this means")
        expect(means.get_by_text("Managers may ask for the people who report to them.")).to_be_visible()
        expect(means.get_by_text("decides within 14 days")).to_be_visible()
        assert offered(page) == []
        expect(page.get_by_role("textbox")).to_have_count(0)
        assert_open_to_all(ivan, "a policy in words")
        for name in (f"{POLICIES}/new", f"packages/{PACKAGE}/holders", "audit", "assignments"):
            ivan.visit(f"/admin/{name}")
            expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
        ivan.visit("/admin/requests")
        expect(page.get_by_role("tab", selected=True)).to_have_accessible_name("Packages and policies")
        expect(page.get_by_role("tab")).to_have_count(2)


def test_an_assignment_manager_gives_and_takes_and_cancels_and_changes_no_terms(
    visitors: Visitors, company: Company
) -> None:
    raj = visitors.come("raj")
    ada, page = Api(raj, company), raj.page
    tess, request = _asked_for_tess(ada)
    with holding(ada, "Raj Patel", "Access package assignment manager"):
        for name in (*FOR_READERS, POLICIES):
            raj.visit(f"/admin/{name}")
            assert offered(page) == [], name
        page.get_by_role("tab", name="Who has it").click()
        page.get_by_role("button", name="Assign", exact=True).click()
        panel = page.get_by_role("dialog", name="Assign Payroll reports")
        add(page, "Person", "Omar", "Omar Saleh")
        panel.get_by_label("Reason").fill("The month ends")
        panel.get_by_role("button", name="Assign", exact=True).click()
        expect(page.get_by_text("Payroll reports is assigned to Omar Saleh.").first).to_be_visible()
        _cancel_what_waits(ada, "Omar Saleh")

        raj.visit(f"/admin/requests?state=pendingApproval&person={tess}")
        page.get_by_role("list", name="Requests").get_by_role("link", name="Payroll reports").click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel request").click()
        page.get_by_role("alertdialog").get_by_role("button", name="Cancel request").click()
        expect(page.get_by_role("alertdialog")).to_have_count(0)
        assert ada("GET", f"{GOVERNANCE}/assignmentRequests/{request}")["state"] == "canceled"
        raj.visit("/admin/errors")
        expect(page.get_by_role("tab", name="Delivery errors")).to_be_visible()


def _cancel_what_waits(api: Api, name: str) -> None:
    """Leave nothing to decide on to those who come in other stories."""
    person = api.one("/v1.0/users", name)["id"]
    waits = f"$filter=state eq 'pendingApproval' and assignment/target/id eq '{person}'"
    (request,) = api("GET", f"{GOVERNANCE}/assignmentRequests?{waits}")["value"]
    api("POST", f"{GOVERNANCE}/assignmentRequests/{request['id']}/cancel")


def _asked_for_tess(api: Api) -> tuple[str, str]:
    """Have Ada assign something that wants approval; return the ids of Tess and of the request."""
    tess = api.one("/v1.0/users", "Tess Okafor")["id"]
    policy = api.one(f"{GOVERNANCE}/assignmentPolicies", "Managers ask for their reports")["id"]
    assignment = {"targetId": tess, "accessPackageId": PACKAGE, "assignmentPolicyId": policy}
    asked = api(
        "POST",
        f"{GOVERNANCE}/assignmentRequests",
        {"requestType": "adminAdd", "justification": "The month ends", "assignment": assignment},
    )
    return str(tess), str(asked["id"])
