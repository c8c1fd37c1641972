"""What administrators have on their desk besides: the mail that people get, calls to other systems, lists of people."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from grantline.model.mail import MailKind
from tests.notifications.test_rendering import put
from tests.portal.conftest import Company, Visitor, Visitors, wants_pictures
from tests.portal.test_administration import CATALOG, GOVERNANCE, Api, add
from tests.portal.test_pages import assert_fits, assert_open_to_all

GIVEN = ("Leo Park", "Sam Ito")

pytestmark = [pytest.mark.timeout(150), pytest.mark.xdist_group("portal")]


def downloaded(page: Page, button: str) -> Path:
    """Press a button that saves a file, and return the file."""
    with page.expect_download() as saving:
        page.get_by_role("button", name=button).click()
    return Path(saving.value.path())


def test_ada_sees_every_mail_as_it_comes_and_why_words_of_her_own_cannot_be_used(
    visitors: Visitors, company: Company, pytestconfig: pytest.Config
) -> None:
    ada = visitors.come("ada")
    page = ada.page
    ada.visit("/admin/mail")
    expect(page.get_by_role("list", name="Messages").get_by_role("listitem")).to_have_count(len(MailKind))
    assert_fits(ada, "the messages")

    page.get_by_role("link", name="Nobody decided", exact=True).click()
    letter = page.frame_locator("iframe")
    expect(letter.get_by_text("Month end closing.")).to_be_visible()
    link = letter.get_by_text("Show the request")
    assert link.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(15, 108, 189)"
    assert link.get_attribute("href") is None
    assert_fits(ada, "a message")
    assert_open_to_all(ada, "the preview of a mail")
    ada.picture("admin-mail-preview", is_wanted=wants_pictures(pytestconfig))
    page.get_by_label("What is known").select_option("Only what always is")
    expect(letter.get_by_text("Month end closing.")).to_have_count(0)
    page.get_by_role("tab", name="Text").click()
    expect(page.get_by_role("region", name="Preview:").get_by_text("Hello Leo Park")).to_be_visible()

    original = downloaded(page, "Download the original of request-expired/subject.txt").read_text(encoding="utf-8")
    put(company.templates, "request-expired/subject.txt", "Too late:\n{{ package }} {{ packge }}")
    ada.visit("/admin/mail")
    expect(page.get_by_text("request-expired/subject.txt, line 2: there is no 'packge'")).to_be_visible()
    page.get_by_role("link", name="Nobody decided", exact=True).click()
    expect(page.get_by_text("This message cannot be written")).to_be_visible()
    assert_open_to_all(ada, "a broken template")
    put(company.templates, "request-expired/subject.txt", f"Too late: {original}")
    page.reload()
    expect(page.get_by_text("Subject: Too late: ")).to_be_visible()
    expect(page.get_by_text("Your own words")).to_have_count(2)
    (company.templates / "request-expired/subject.txt").unlink()


def test_ada_lets_another_system_be_asked_and_sees_which_policy_does(
    visitors: Visitors, company: Company, pytestconfig: pytest.Config
) -> None:
    ada = visitors.come("ada")
    page = ada.page
    ada.visit(f"/admin/catalogs/{CATALOG}")
    page.get_by_role("button", name="Add an extension").click()
    panel = page.get_by_role("dialog", name="Add an extension")
    panel.get_by_role("textbox", name="Name").fill("Risk desk")
    panel.get_by_role("textbox", name="Address of the endpoint").fill("http://risk.example.com/hooks")
    panel.get_by_role("radio", name="the answer says whether it goes on").check()
    panel.get_by_role("spinbutton", name="Wait for the answer at most").fill("4")
    panel.get_by_label("Unit").select_option("hours")
    assert_open_to_all(ada, "the form of an extension")
    ada.picture("admin-extension", is_wanted=wants_pictures(pytestconfig))
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(panel.get_by_text("targetUrl should begin with https://")).to_be_visible()
    expect(panel.get_by_role("textbox", name="Address of the endpoint")).to_be_focused()
    ada.forgive("400")
    panel.get_by_role("textbox", name="Address of the endpoint").fill("https://risk.example.com/hooks")
    panel.get_by_role("button", name="Add", exact=True).click()

    made = page.get_by_role("list", name="Custom extensions").get_by_role("listitem").filter(has_text="Risk desk")
    expect(made.get_by_text("Without an answer within 4 hours it is denied.")).to_be_visible()
    made.get_by_role("button", name="Edit Risk desk").click()
    panel = page.get_by_role("dialog", name="Edit extension")
    expect(panel.get_by_role("radio", name="Access that ends soon")).to_be_disabled()
    panel.get_by_role("radio", name="goes on as if nobody had been asked").check()
    panel.get_by_role("button", name="Save").click()
    expect(made.get_by_text("Without an answer within 4 hours it goes on.")).to_be_visible()

    _name_and_delete(ada, Api(ada, company), made)


def _name_and_delete(ada: Visitor, api: Api, made: Locator) -> None:
    """Have a policy name an extension, which keeps it from being deleted, and delete it when none does."""
    policy = api.one(f"{GOVERNANCE}/assignmentPolicies", "Managers ask for their reports")
    path = f"{GOVERNANCE}/assignmentPolicies/{policy['id']}"
    whole = api("GET", f"{path}?$expand=questions,customExtensionStageSettings")
    extension = api.one(f"{GOVERNANCE}/catalogs/{CATALOG}/customWorkflowExtensions", "Risk desk")
    use = {"stage": "assignmentRequestCreated", "customExtension": {"id": extension["id"]}}
    api("PUT", path, whole | {"customExtensionStageSettings": [use]})
    ada.page.reload()
    expect(made.get_by_role("link", name="Managers ask for their reports of Payroll reports")).to_be_visible()
    assert_fits(ada, "an extension")
    made.get_by_role("button", name="Delete Risk desk").click()
    question = ada.page.get_by_role("alertdialog")
    question.get_by_role("button", name="Delete").click()
    expect(question.get_by_text("take it out of them first")).to_be_visible()
    ada.forgive("409")
    api("PUT", path, whole)
    question.get_by_role("button", name="Delete").click()
    expect(made).to_have_count(0)


def test_ada_assigns_to_a_list_and_reads_of_every_line_what_became_of_it(
    visitors: Visitors, company: Company, pytestconfig: pytest.Config
) -> None:
    """Long because it is one list: picked, pasted, from a file, sent twice, told line by line, and corrected."""
    ada = visitors.come("ada")
    api, page = Api(ada, company), ada.page
    package_id = _parking(api)
    sam = api.one("/v1.0/users", "Sam Ito")

    ada.visit("/admin/assignments")
    page.get_by_role("button", name="Assign to many").click()
    panel = page.get_by_role("dialog", name="Assign to many")
    # The page behind has a field of the same name.
    panel.get_by_role("combobox", name="Access package").fill("Park")
    page.get_by_role("option", name="Parking").click()
    panel = page.get_by_role("dialog", name="Assign Parking to many")
    add(page, "Pick a person", "Leo", "Leo Park")
    expect(panel.get_by_role("combobox", name="Pick a person")).to_be_focused()
    leo = panel.get_by_role("textbox", name="People").input_value()
    panel.get_by_role("textbox", name="People").fill(f"{leo}\n{leo.upper()}\n\nnobody@example.com")
    file = f'\ufeffName;E-Mail\n"Ito; Sam";{sam["mail"]}\nNobody at all;\n'
    panel.get_by_label("Take from a CSV file").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": file.encode()}
    )
    expect(panel.get_by_text("2 lines taken from people.csv.")).to_be_visible()
    panel.get_by_role("textbox", name="Reason").fill("New spaces")
    assert_open_to_all(ada, "the list of people")
    ada.picture("admin-many", is_wanted=wants_pictures(pytestconfig))
    _break_once_it_is_done(ada)
    panel.get_by_role("button", name="Assign to 5").click()
    expect(panel.get_by_text("send it again when the connection is back")).to_be_visible()
    ada.forgive("ERR_CONNECTION_RESET")
    panel.get_by_role("button", name="Assign to 5").click()

    expect(panel.get_by_text(f"{len(GIVEN)} accepted. 2 refused. 1 named before.")).to_be_visible()
    outcomes = panel.get_by_role("list", name="What became of each").get_by_role("listitem")
    expect(outcomes).to_have_count(2)
    panel.get_by_role("tab", name="All (5)").click()
    assert outcomes.nth(1).inner_text().split("\n")[0] == "Leo Park"
    expect(outcomes.nth(1).get_by_text(f"The same person as {leo}")).to_be_visible()
    expect(outcomes.nth(2).get_by_text("There is nobody 'nobody@example.com'")).to_be_visible()
    expect(outcomes.nth(3).get_by_role("link", name="Sam Ito")).to_be_visible()
    expect(outcomes.nth(4).get_by_text("There is nobody 'Nobody at all'")).to_be_visible()
    assert_open_to_all(ada, "what became of a list")
    panel.get_by_role("button", name="Correct the 2 refused lines").click()
    expect(panel.get_by_role("textbox", name="People")).to_have_value("nobody@example.com\nNobody at all")
    expect(panel.get_by_role("textbox", name="Reason")).to_have_value("New spaces")
    ada.visit(f"/admin/requests?package={package_id}")
    told = csv.DictReader(downloaded(page, "Export as CSV").read_text(encoding="utf-8").splitlines())
    assert {one["targetDisplayName"]: one["justification"] for one in told} == dict.fromkeys(GIVEN, "New spaces")


def _break_once_it_is_done(ada: Visitor) -> None:
    """Lose the answer to the next list that is sent; the list itself arrives."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    ada.page.route("**/api/assignments/bulk", lose, times=1)


def _parking(api: Api) -> str:
    """Make a package that is given, and not asked for."""
    catalog = {"id": api.one(f"{GOVERNANCE}/catalogs", "Workplace")["id"]}
    package = api("POST", f"{GOVERNANCE}/accessPackages", {"displayName": "Parking", "catalog": catalog})
    policy = {"displayName": "Given", "allowedTargetScope": "notSpecified", "accessPackage": {"id": package["id"]}}
    api("POST", f"{GOVERNANCE}/assignmentPolicies", policy)
    return str(package["id"])
