"""What administrators do in the portal, and what it changes for others."""

import re
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from grantline.sample.organisation import sample_id
from tests.portal.conftest import PATIENCE_MS, Company, Visitor, Visitors, wants_pictures
from tests.portal.leaving import leave_the_editor_and_think_better_of_it
from tests.portal.test_pages import assert_fits, assert_open_to_all

pytestmark = [pytest.mark.timeout(150), pytest.mark.xdist_group("portal")]

CATALOG, PACKAGE = sample_id("catalog", "Finance"), sample_id("package", "Payroll reports")
LISTS = ("requests", "assignments", "errors", "packages", "catalogs", "holders")
REPORTS = ("duties", "drift", "overdue", "changes", "audit", "switches", "mail")
PAGES = (
    *LISTS,
    *REPORTS,
    f"catalogs/{CATALOG}",
    *(f"packages/{PACKAGE}/{part}" for part in ("policies", "roles", "exclusions", "holders")),
)
GOVERNANCE = "/v1.0/identityGovernance/entitlementManagement"
UNKNOWN_TO_THE_EDITOR = {
    "notificationSettings": {"isAssignmentNotificationDisabled": True},
    "reviewSettings": {"isEnabled": False, "recurrenceType": "monthly"},
}


class Api:
    """The API as a script of the administrator's sees it."""

    def __init__(self, visitor: Visitor, company: Company, who: str = "ada") -> None:
        self._request = visitor.page.request
        self._headers = {"Authorization": f"Bearer {company.token(who)}"}

    def __call__(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call it, and return what it answers."""
        answer = self._request.fetch(path, method=method, headers=self._headers, data=body)
        assert answer.ok, answer.text()
        return answer.json() if answer.body() else None

    def one(self, path: str, name: str) -> dict[str, Any]:
        """Return what has a name in a list."""
        found: list[dict[str, Any]] = self("GET", f"{path}?$filter=displayName eq '{name}'")["value"]
        assert len(found) == 1
        return found[0]


def add(page: Page, label: str, typed: str, option: str) -> None:
    """Name somebody or something in a field that takes several."""
    field = page.get_by_role("combobox", name=label, exact=True)
    field.click()
    field.fill(typed)
    page.get_by_role("option", name=option).click()


@pytest.mark.timeout(300)
def test_no_page_of_the_administration_bars_anybody(visitors: Visitors) -> None:
    ada = visitors.come("ada")
    for name in PAGES:
        ada.visit(f"/admin/{name}")
        assert_open_to_all(ada, name)
        assert_fits(ada, name)


def test_a_link_into_the_administration_outlives_the_sign_in_and_what_is_typed_there_a_lost_connection(
    visitors: Visitors, company: Company
) -> None:
    ada = visitors.stranger()
    page, api = ada.page, Api(ada, company)
    policy_id = api.one(f"{GOVERNANCE}/assignmentPolicies", "Until the books are closed for good")["id"]
    page.goto(f"/admin/packages/{sample_id('package', 'Quarter close')}/policies/{policy_id}")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Ada King").click()
    page.get_by_role("textbox", name="Description").fill("For whoever closes the books")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nothing you typed is lost").first).to_be_visible()
    page.get_by_role("combobox", name="Others who may act for employees").click()
    page.keyboard.type("Omar")
    expect(page.get_by_role("option", name="No connection")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("textbox", name="Description")).to_have_value("For whoever closes the books")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("listitem").get_by_text("For whoever closes the books")).to_be_visible()

    ada.visit("/admin/audit?actorId=grantline")
    who = page.get_by_role("combobox", name="Who")
    expect(who).to_have_value("Grantline itself")
    page.get_by_role("button", name="Show everything").click()
    expect(who).to_have_value("")
    add(page, "Who", "Ada", "Ada King")
    expect(page).to_have_url(re.compile("actorId="))
    who.press_sequentially("x")
    expect(who).to_have_value("Ada Kingx")
    ada.forgive("ERR_INTERNET_DISCONNECTED")


def test_ada_lets_managers_ask_for_their_people_and_mia_sees_it_at_once(
    visitors: Visitors, company: Company, pytestconfig: pytest.Config
) -> None:
    """What the editor does not know of the policy is still there afterwards."""
    ada, mia = visitors.come("ada"), visitors.come("mia")
    api = Api(ada, company)
    policy_id = api.one(f"{GOVERNANCE}/assignmentPolicies", "Finance and Engineering, for oneself")["id"]
    path = f"{GOVERNANCE}/assignmentPolicies/{policy_id}"
    before = api("GET", path) | UNKNOWN_TO_THE_EDITOR
    before["requestApprovalSettings"]["stages"][0]["reminders"] = ["P2D", "PT4H"]
    api("PUT", path, before)

    page = ada.page
    ada.visit("/admin/packages")
    page.get_by_role("link", name="Data warehouse").click()
    page.get_by_role("link", name="Finance and Engineering, for oneself").click()
    means = page.get_by_role("complementary", name="What this means")
    expect(means.get_by_text("Nobody may ask on behalf of others.")).to_be_visible()
    leave_the_editor_and_think_better_of_it(page)
    page.get_by_role("switch", name="Allow managers to request on behalf of employees").check()
    expect(means.get_by_text("Managers may ask for the people who report to them.")).to_be_visible()
    ada.picture("admin-policy", is_wanted=wants_pictures(pytestconfig))
    means.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Managers may request on behalf of employees")).to_be_visible()

    after = api("GET", path)
    on_behalf = {
        "enableOnBehalfRequestorsToAddAccess": True,
        "onBehalfRequestors": after["requestorSettings"]["onBehalfRequestors"],
    }
    assert after["requestorSettings"] == before["requestorSettings"] | on_behalf
    assert [one["managerLevel"] for one in on_behalf["onBehalfRequestors"]] == [1]
    changed = {"requestorSettings", "modifiedDateTime"}
    assert {name for name in before if after[name] != before[name]} == changed

    mia.visit("/team")
    mia.page.get_by_role("button", name="Request access for Tess Okafor").click()
    expect(mia.page.get_by_role("checkbox", name="Data warehouse")).to_be_visible()


def test_ada_turns_off_that_managers_see_what_their_people_have_and_on_again(visitors: Visitors) -> None:
    ada, mia = visitors.come("ada"), visitors.come("mia")
    ada.visit("/admin/switches")
    switch = ada.page.get_by_role("switch", name="Managers see the access of their direct reports")
    team = mia.page.get_by_role("link", name="My team")
    for is_on in (False, True):
        switch.click()
        expect(switch).to_be_enabled()
        expect(switch).to_be_checked(checked=is_on)
        mia.visit("/packages")
        expect(team).to_have_count(int(is_on))


def test_a_catalog_a_package_and_its_terms_are_made_from_nothing_and_somebody_asks(
    visitors: Visitors, company: Company
) -> None:
    """Long because it is one story: catalog, resource, package, policy, request."""
    ada = visitors.come("ada")
    page = ada.page
    ada.visit("/admin/catalogs")
    page.get_by_role("button", name="New catalog").click()
    panel = page.get_by_role("dialog", name="New catalog")
    panel.get_by_label("Name").fill("Finance")
    page.keyboard.press("Escape")
    page.get_by_role("alertdialog", name="Discard your changes?").get_by_role("button", name="Back").click()
    panel.get_by_role("button", name="Create").click()
    expect(panel.get_by_text("choose another")).to_be_visible()
    expect(panel.get_by_label("Name")).to_be_focused()
    ada.forgive("409")
    panel.get_by_label("Name").fill("Legal")
    panel.get_by_role("button", name="Create").click()

    expect(page.get_by_role("heading", level=1, name="Legal")).to_be_visible()
    page.get_by_role("button", name="Add a resource").click()
    panel = page.get_by_role("dialog", name="Add a resource")
    add(page, "Group", "Ledger", "Ledger readers")
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("list", name="Resources").get_by_text("Ledger readers", exact=True)).to_be_visible()
    page.get_by_role("button", name="New package").click()
    panel = page.get_by_role("dialog", name="New package")
    panel.get_by_label("Name").fill("Contract archive")
    panel.get_by_label("Description").fill("Read every contract")
    panel.get_by_role("button", name="Create").click()

    expect(page.get_by_role("heading", level=1, name="Contract archive")).to_be_visible()
    page.get_by_role("button", name="Add a role").click()
    panel = page.get_by_role("dialog", name="Add a role")
    panel.get_by_label("Role").select_option("Member of Ledger readers")
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("list", name="What it gives").get_by_text("Ledger readers")).to_be_visible()
    page.get_by_role("tab", name="Policies").click()
    api = Api(ada, company)
    _have_an_extension_that_names_approvers(api)
    page.get_by_role("button", name="New policy").click()
    _write_policy(ada)
    expect(page.get_by_role("link", name="Lawyers and their neighbours")).to_be_visible()
    _assert_all_of_it_was_kept(api)

    mia = visitors.come("mia")
    mia.visit("/packages")
    mia.page.get_by_role("button", name="Request Contract archive").click()
    panel = mia.page.get_by_role("dialog", name="Request access")
    panel.get_by_label("Which case?").fill("nonsense")
    panel.get_by_label("Business justification").fill("The audit begins")
    expect(panel.get_by_text("Which case?").last).to_be_visible()
    panel.get_by_label("Which case?").fill("AB-17")
    panel.get_by_role("radio", name="High").check()
    expect(panel.get_by_text("Cy Frost or Mona Lys decides within 3 days.")).to_be_visible()
    panel.get_by_role("button", name="Submit request").click()
    expect(mia.page.get_by_text("1 request sent.").first).to_be_visible()
    ada.visit("/admin/requests?state=pendingApproval")
    expect(page.get_by_role("list", name="Requests").get_by_text("Contract archive")).to_be_visible()


def _write_policy(ada: Visitor) -> None:
    """Fill the editor: who decides, in which time, and what is asked."""
    page = ada.page
    means = page.get_by_role("complementary", name="What this means")
    means.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Give the policy a name.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    page.get_by_role("textbox", name="Name").fill("Lawyers and their neighbours")
    page.get_by_role("radio", name="A custom extension, when it comes to this stage").check()
    expect(means.get_by_text("Whoever Who is on duty names decides within 14 days.")).to_be_visible()
    page.get_by_role("radio", name="This policy").check()
    page.get_by_role("option", name="Manager", exact=True).click()
    add(page, "Who decides", "Security", "Security team")
    page.get_by_role("spinbutton", name="Decision within").fill("3")
    expect(means.get_by_text("A member of Security team decides within 3 days.")).to_be_visible()
    page.get_by_role("button", name="Add a question").click()
    page.get_by_role("textbox", name="Question", exact=True).fill("Which case?")
    page.get_by_role("textbox", name="Pattern of the answer").fill("[A-Z]{2}-[0-9]+")
    expect(means.get_by_text("1 question is asked; 1 must be answered.")).to_be_visible()
    _write_what_few_policies_have(page)
    for sentence in (
        "Whoever has not decided is reminded 1 day and 4 hours before the deadline.",
        "“Which case?”: must be answered; also in German.",
        "“Which court?”: must be answered; High or Low; also in German.",
        "Nobody is written to when the access begins or ends.",
    ):
        expect(means.get_by_text(sentence)).to_be_visible()
    assert_open_to_all(ada, "the policy editor")
    assert_fits(ada, "the policy editor")
    means.get_by_role("button", name="Save").click()


def _write_what_few_policies_have(page: Page) -> None:
    """Reminders of one's own, translations, a value for programs, and no mail."""
    page.get_by_label("Remind those who have not decided").select_option("own")
    for unit, count in (("days", "2"), ("days", "1"), ("hours", "4")):
        page.get_by_role("spinbutton", name="Reminder").last.fill(count)
        page.get_by_role("combobox", name="before the deadline: Unit").last.select_option(unit)
        page.get_by_role("button", name="Add a reminder").click()
    page.get_by_role("button", name="Remove reminder 4").click()
    page.get_by_role("button", name="Remove reminder 1").click()
    page.get_by_role("button", name="Translations of question 1").click()
    page.get_by_label("Add a language").select_option("de")
    page.get_by_role("textbox", name="Question in German").fill("Welcher Fall?")
    page.get_by_role("button", name="Add a question").click()
    second = page.get_by_role("group", name="Question 2")
    second.get_by_role("textbox", name="Question", exact=True).fill("Which court?")
    second.get_by_label("Kind of answer").select_option("choice")
    for number, answer in ((1, "High"), (2, "Low")):
        second.get_by_role("textbox", name=f"Answer {number}", exact=True).fill(answer)
    second.get_by_role("button", name="Translations and values").click()
    second.get_by_role("textbox", name="Value of answer 1").fill("HC")
    second.get_by_label("Add a language").select_option("de")
    second.get_by_role("textbox", name="Question in German").fill("Welches Gericht?")
    second.get_by_role("textbox", name="Answer 2 in German").fill("Amtsgericht")
    page.get_by_role("checkbox", name="Write to people when the access begins").uncheck()


def _assert_all_of_it_was_kept(api: Api) -> None:
    policy_id = api.one(f"{GOVERNANCE}/assignmentPolicies", "Lawyers and their neighbours")["id"]
    policy = api("GET", f"{GOVERNANCE}/assignmentPolicies/{policy_id}?$expand=questions")
    case, court = policy["questions"]
    assert policy["requestApprovalSettings"]["stages"][0]["reminders"] == ["P1D", "PT4H"]
    assert policy["notificationSettings"] == {"isAssignmentNotificationDisabled": True}
    assert case["localizations"] == [{"languageCode": "de", "text": "Welcher Fall?"}]
    assert court["localizations"] == [{"languageCode": "de", "text": "Welches Gericht?"}]
    assert court["choices"] == [
        {"actualValue": "HC", "text": "High", "localizations": []},
        {"actualValue": "Low", "text": "Low", "localizations": [{"languageCode": "de", "text": "Amtsgericht"}]},
    ]


def _have_an_extension_that_names_approvers(api: Api) -> None:
    catalog_id = api.one(f"{GOVERNANCE}/catalogs", "Legal")["id"]
    api(
        "POST",
        f"{GOVERNANCE}/catalogs/{catalog_id}/customWorkflowExtensions",
        {
            "@odata.type": "#microsoft.graph.accessPackageAssignmentRequestWorkflowExtension",
            "displayName": "Who is on duty",
            "endpointConfiguration": {
                "@odata.type": "#microsoft.graph.httpRequestEndpoint",
                "targetUrl": "https://duty.example/who",
            },
            "callbackConfiguration": {
                "@odata.type": "#microsoft.graph.accessPackageRequestApprovalStageCallbackConfiguration",
                "timeoutDuration": "PT1H",
            },
        },
    )


def test_what_could_not_be_delivered_says_why_and_is_delivered_when_it_can_be(
    visitors: Visitors, company: Company, pytestconfig: pytest.Config
) -> None:
    ada = visitors.come("ada")
    api, page = Api(ada, company), ada.page
    package_id = _safe(api)
    _settle_task(api, "refuse", "The safe is being moved")
    _until_there_is_one(
        lambda: api("GET", f"{GOVERNANCE}/assignmentRequests?$filter=state eq 'deliveryFailed'")["value"]
    )

    ada.visit("/admin/errors")
    failed = page.get_by_role("list", name="Could not be delivered").get_by_role("listitem")
    expect(failed.get_by_text("The safe is being moved")).to_be_visible()
    ada.picture("admin-errors", is_wanted=wants_pictures(pytestconfig))
    failed.get_by_role("button", name="Reprocess Key to the safe of Leo Park").click()
    expect(page.get_by_text("Everything was delivered")).to_be_visible()
    _settle_task(api, "complete", "Done after all")
    ada.visit(f"/admin/packages/{package_id}/holders")
    expect(page.get_by_role("listitem").filter(has_text="Leo Park").get_by_text("Delivered")).to_be_visible()


def _safe(api: Api) -> str:
    """Give Leo a package whose role people give by hand."""
    catalog = {"id": api.one(f"{GOVERNANCE}/catalogs", "Workplace")["id"]}
    resource = {"originSystem": "Manual", "originId": "safe-3", "displayName": "Safe"}
    api("POST", f"{GOVERNANCE}/resourceRequests", {"requestType": "adminAdd", "resource": resource, "catalog": catalog})
    package_id = api("POST", f"{GOVERNANCE}/accessPackages", {"displayName": "Key to the safe", "catalog": catalog})[
        "id"
    ]
    role = {"originSystem": "Manual", "originId": "Member_safe-3"}
    api("POST", f"{GOVERNANCE}/accessPackages/{package_id}/resourceRoleScopes", {"role": role})
    policy = {"displayName": "By hand", "allowedTargetScope": "notSpecified", "accessPackage": {"id": package_id}}
    policy_id = api("POST", f"{GOVERNANCE}/assignmentPolicies", policy)["id"]
    leo = api.one("/v1.0/users", "Leo Park")["id"]
    assignment = {"targetId": leo, "accessPackageId": package_id, "assignmentPolicyId": policy_id}
    api("POST", f"{GOVERNANCE}/assignmentRequests", {"requestType": "adminAdd", "assignment": assignment})
    return str(package_id)


def _settle_task(api: Api, how: str, comment: str) -> None:
    """Do what is to be done by hand, as soon as somebody is asked to, or refuse it."""
    (task,) = _until_there_is_one(lambda: api("GET", "/api/fulfilment-tasks")["items"])
    api("POST", f"/api/fulfilment-tasks/{task['id']}/{how}", {"comment": comment})


def _until_there_is_one(look: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Look until the workers have come to it."""
    deadline = monotonic() + PATIENCE_MS / 1000
    while not (found := look()) and monotonic() < deadline:
        sleep(0.1)
    return found
