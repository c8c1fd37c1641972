"""What whoever looks after a catalog sees of it in the portal: what their role lets them do, and no button more."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.portal.conftest import Company, Visitor, Visitors
from tests.portal.test_administration import CATALOG, GOVERNANCE, PACKAGE, Api, add
from tests.portal.test_pages import assert_open_to_all

pytestmark = [pytest.mark.timeout(150), pytest.mark.xdist_group("portal")]

ROLES = "/v1.0/roleManagement/entitlementManagement"
POLICIES = f"packages/{PACKAGE}/policies"
OF_AN_OWNER = ("Requests", "Assignments", "Delivery errors", "Packages and policies", "Catalogs", "Reports")
FOR_READERS = (
    "catalogs",
    "packages",
    f"catalogs/{CATALOG}",
    *(f"packages/{PACKAGE}/{one}" for one in ("roles", "exclusions")),
)


@contextmanager
def holding(api: Api, name: str, role: str, scope: str = f"/AccessPackageCatalog/{CATALOG}") -> Iterator[None]:
    """Have somebody hold a role for a while: in Finance, unless it counts elsewhere."""
    held = api(
        "POST",
        f"{ROLES}/roleAssignments",
        {
            "principalId": api.one("/v1.0/users", name)["id"],
            "roleDefinitionId": api.one(f"{ROLES}/roleDefinitions", role)["id"],
            "directoryScopeId": "/",
            "appScopeId": scope,
        },
    )
    yield
    api("DELETE", f"{ROLES}/roleAssignments/{held['id']}")


def offered(page: Page) -> list[str]:
    """Return what the page itself lets one do, besides going elsewhere."""
    buttons = page.get_by_role("main").get_by_role("button")
    names: list[str] = buttons.evaluate_all("all => all.map(one => one.getAttribute('aria-label') ?? one.textContent)")
    return [name for name in names if name != "clear"]


def assert_pages_of_an_owner(page: Page) -> None:
    """Fail if the pages of the administration are not those for whoever looks after a catalog."""
    for name in OF_AN_OWNER:
        expect(page.get_by_role("tab", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(len(OF_AN_OWNER))


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


def test_a_catalog_is_made_filled_and_shared_and_nobody_is_offered_what_is_not_theirs(
    visitors: Visitors, company: Company
) -> None:
    """Long because it is one story: Zoë makes a catalog, owns it, brings in her group, and has Raj keep packages."""
    zoe = visitors.come("zoe")
    ada, page = Api(zoe, company), zoe.page
    group = ada("POST", "/v1.0/groups", {"displayName": "Lab keys", "description": "May enter the lab"})
    with holding(ada, "Zoë Martin", "Catalog creator", "/"):
        zoe.visit("/admin")
        expect(page.get_by_role("tab")).to_have_text(["Catalogs"])
        expect(page.get_by_text("No catalogs yet")).to_be_visible()
        assert offered(page) == ["New catalog"]
        page.get_by_role("button", name="New catalog").click()
        panel = page.get_by_role("dialog", name="New catalog")
        panel.get_by_label("Name").fill("Lab")
        panel.get_by_role("button", name="Create").click()
        expect(page.get_by_role("heading", level=1, name="Lab")).to_be_visible()
        expect(page.get_by_role("list", name="Delegated roles").get_by_role("listitem")).to_contain_text("Zoë Martin")
    _bring_in_what_she_owns(zoe, ada, str(group["id"]))
    request = _make_a_package_that_somebody_asks_for(zoe, ada)

    zoe.visit("/admin")
    assert_pages_of_an_owner(page)
    expect(page.get_by_role("list", name="Requests").get_by_role("listitem")).to_have_count(1)
    _cancel(page, "Lab key", ada, request)

    zoe.visit("/admin/catalogs")
    page.get_by_role("link", name="Lab").click()
    page.get_by_role("button", name="Delegate a role").click()
    panel = page.get_by_role("dialog", name="Delegate a role")
    add(page, "Person", "Raj", "Raj Patel")
    panel.get_by_label("Role").select_option("Package manager")
    panel.get_by_role("button", name="Add", exact=True).click()
    held = page.get_by_role("list", name="Delegated roles").get_by_role("listitem").filter(has_text="Raj Patel")
    expect(held.get_by_text("Package manager")).to_be_visible()
    raj = visitors.come("raj")
    _keep_packages_and_nothing_else(raj)
    for is_offline in (True, False):
        page.context.set_offline(is_offline)
        held.get_by_role("button", name="Withdraw").click()
        page.get_by_role("alertdialog").get_by_role("button", name="Withdraw").click()
        if is_offline:
            expect(page.get_by_text("nothing has changed. No connection").first).to_be_visible()
    expect(held).to_have_count(0)
    zoe.forgive("ERR_INTERNET_DISCONNECTED")
    raj.visit("/packages")
    expect(raj.page.get_by_role("link", name="Administration")).to_have_count(0)


def _bring_in_what_she_owns(zoe: Visitor, ada: Api, group_id: str) -> None:
    """Look for a group to bring in before there is one, bring in the one there is, and look for another."""
    page = zoe.page

    def look() -> Locator:
        page.get_by_role("button", name="Add a resource").click()
        return page.get_by_role("dialog", name="Add a resource")

    def leave(panel: Locator, told: str) -> None:
        expect(panel.get_by_text(told)).to_be_visible()
        expect(
            panel.get_by_text("whoever owns both the group and this catalog, or by an administrator")
        ).to_be_visible()
        expect(panel.get_by_role("combobox")).to_have_count(0)
        panel.get_by_role("button", name="Cancel").click()

    leave(look(), "You own no group")
    me = ada.one("/v1.0/users", "Zoë Martin")["id"]
    ada("POST", f"/v1.0/groups/{group_id}/owners/$ref", {"@odata.id": f"https://grantline.example/v1.0/users/{me}"})
    page.reload()
    panel = look()
    panel.get_by_role("combobox", name="Group").click()
    expect(page.get_by_role("option")).to_have_text(["Lab keysMay enter the lab"])
    page.get_by_role("option").click()
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("button", name="Remove Lab keys")).to_be_visible()
    leave(look(), "The groups that you own are all in this catalog")
    ada("DELETE", f"/v1.0/groups/{group_id}/owners/{me}/$ref")
    page.reload()
    expect(page.get_by_role("list", name="Resources").get_by_text("Lab keys")).to_be_visible()
    expect(page.get_by_role("button", name="Remove Lab keys")).to_have_count(0)


def _make_a_package_that_somebody_asks_for(zoe: Visitor, ada: Api) -> str:
    """Make a hidden package of it, on the terms that the editor begins with, and give it to Leo; return the request."""
    page = zoe.page
    page.get_by_role("button", name="New package").click()
    panel = page.get_by_role("dialog", name="New package")
    panel.get_by_label("Name").fill("Lab key")
    panel.get_by_role("switch", name="Hidden").check()
    panel.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1, name="Lab key")).to_be_visible()
    page.get_by_role("button", name="Add a role").click()
    panel = page.get_by_role("dialog", name="Add a role")
    expect(panel.get_by_text("Add the resource to its catalog first")).to_be_visible()
    panel.get_by_label("Role").select_option("Member of Lab keys")
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("list", name="What it gives").get_by_text("Lab keys")).to_be_visible()
    page.get_by_role("tab", name="Policies").click()
    page.get_by_role("button", name="New policy").click()
    page.get_by_role("textbox", name="Name").fill("With a word of the manager")
    page.get_by_role("complementary", name="What this means").get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="With a word of the manager")).to_be_visible()
    return _asked_for(
        ada,
        ada.one("/v1.0/users", "Leo Park")["id"],
        package_id=ada.one(f"{GOVERNANCE}/accessPackages", "Lab key")["id"],
        policy_id=ada.one(f"{GOVERNANCE}/assignmentPolicies", "With a word of the manager")["id"],
    )


def _keep_packages_and_nothing_else(raj: Visitor) -> None:
    """See one catalog, change its packages and policies, and find nothing to press that is for its owner."""
    page = raj.page
    raj.visit("/admin/catalogs")
    assert_pages_of_an_owner(page)
    expect(page.get_by_role("list", name="Catalogs").get_by_role("listitem")).to_have_text(["Lab"])
    assert offered(page) == []
    page.get_by_role("link", name="Lab").click()
    expect(page.get_by_role("list", name="Delegated roles").get_by_text("Raj Patel")).to_be_visible()
    assert offered(page) == ["New package"]
    page.get_by_role("link", name="Lab key").click()
    expect(page.get_by_role("button", name="New policy")).to_be_visible()
    assert offered(page) == ["Edit", "Retire", "Delete", "New policy", "Delete With a word of the manager"]
    page.get_by_role("tab", name="What it gives").click()
    page.get_by_role("button", name="Add a role").click()
    panel = page.get_by_role("dialog", name="Add a role")
    expect(panel.get_by_text("Whoever owns the catalog adds the resource to it first")).to_be_visible()
    panel.get_by_role("button", name="Cancel").click()
    page.get_by_role("tab", name="Policies").click()
    page.get_by_role("link", name="With a word of the manager").click()
    page.get_by_role("textbox", name="Description").fill("One word is enough")
    page.get_by_role("complementary", name="What this means").get_by_role("button", name="Save").click()
    expect(page.get_by_role("listitem").get_by_text("One word is enough")).to_be_visible()


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
        _cancel(page, "Payroll reports", ada, request)
        raj.visit("/admin/errors")
        expect(page.get_by_role("tab", name="Delivery errors")).to_be_visible()


def _cancel(page: Page, package: str, ada: Api, request: str) -> None:
    """Cancel the one request that is on the list."""
    page.get_by_role("list", name="Requests").get_by_role("link", name=package).click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel request").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Cancel request").click()
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    assert ada("GET", f"{GOVERNANCE}/assignmentRequests/{request}")["state"] == "canceled"


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
    return str(tess), _asked_for(api, tess, package_id=PACKAGE, policy_id=policy)


def _asked_for(api: Api, target_id: str, *, package_id: str, policy_id: str) -> str:
    """Have Ada assign something that wants approval; return the id of the request."""
    assignment = {"targetId": target_id, "accessPackageId": package_id, "assignmentPolicyId": policy_id}
    asked = api(
        "POST",
        f"{GOVERNANCE}/assignmentRequests",
        {"requestType": "adminAdd", "justification": "The month ends", "assignment": assignment},
    )
    return str(asked["id"])
