"""What several people see of each other at once, and what one does with the keyboard alone, in a real browser."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx2
import pytest
from playwright.sync_api import Locator, Page, expect

from grantline.sample.organisation import person_id, sample_id
from tests.portal.conftest import DOMAIN, ZONE, Company, Visitor, Visitors
from tests.portal.test_pages import assert_open_to_all

pytestmark = [pytest.mark.timeout(150), pytest.mark.xdist_group("portal")]

GOVERNANCE = "/v1.0/identityGovernance/entitlementManagement"
LIVE_MS = 15_000
"""How soon a change is seen without a reload. Pages by themselves ask again after half a minute only."""

MOST_TABS = 60
HASH = "#microsoft.graph."
QUESTIONS = [
    {
        "@odata.type": f"{HASH}accessPackageTextInputQuestion",
        "text": "Which room?",
        "isRequired": True,
        "isAnswerEditable": True,
        "isSingleLineQuestion": True,
        "regexPattern": "Room [0-9]+",
        "sequence": 1,
    },
    {
        "@odata.type": f"{HASH}accessPackageMultipleChoiceQuestion",
        "text": "At night?",
        "isRequired": True,
        "sequence": 2,
        "choices": [{"actualValue": "yes", "text": "Yes"}, {"actualValue": "no", "text": "No"}],
    },
    {
        "@odata.type": f"{HASH}accessPackageMultipleChoiceQuestion",
        "text": "Who comes along?",
        "isAnswerEditable": True,
        "isMultipleSelectionAllowed": True,
        "sequence": 3,
        "choices": [{"actualValue": "guest", "text": "A guest"}, {"actualValue": "child", "text": "A child"}],
    },
]


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus is there; fail if it never comes."""
    for _ in range(MOST_TABS):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()


def press(page: Page, wanted: Locator, *keys: str) -> None:
    """Go somewhere with the keyboard, and press keys there."""
    wanted.wait_for()
    tab_to(page, wanted)
    for key in keys:
        page.keyboard.press(key)


def test_a_manager_asks_and_the_next_one_up_approves_several_by_keyboard_alone_and_sees_them_come(
    visitors: Visitors,
) -> None:
    """Long because it is one story: asked, seen without a reload, approved at once, taken back."""
    sam, greta = visitors.come("sam"), visitors.come("greta")
    greta.visit("/approvals")
    sam.visit("/team")
    page = sam.page
    press(page, page.get_by_role("button", name="Request access for Hana Suzuki"), "Enter")
    panel = page.get_by_role("dialog", name="Request access")
    tab_to(page, panel.get_by_role("combobox"))
    page.keyboard.type("Luca")
    page.get_by_role("option", name="Luca Bianchi").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("listbox").get_by_role("option", name="Luca Bianchi")).to_be_visible()
    press(page, panel.get_by_role("checkbox", name="Remote access"), "Space")
    tab_to(page, panel.get_by_label("Business justification"))
    page.keyboard.type("They travel")
    press(page, panel.get_by_role("button", name="Submit 2 requests"), "Enter")

    waits = greta.page.get_by_role("button", name="Review Remote access for")
    expect(waits).to_have_count(2, timeout=LIVE_MS)
    for name in ("Hana Suzuki", "Luca Bianchi"):
        press(greta.page, greta.page.get_by_role("checkbox", name=f"Select Remote access for {name}"), "Space")
    several = greta.page.get_by_role("region", name="Decide on several requests")
    press(greta.page, several.get_by_role("button", name="Approve"), "Enter")
    asking = greta.page.get_by_role("alertdialog", name="Approve 2 requests?")
    press(greta.page, asking.get_by_role("button", name="Approve"), "Enter")
    expect(waits).to_have_count(0)
    # Until the question is gone, the focus stays in it.
    expect(asking).to_have_count(0)
    hana = page.get_by_role("listitem").filter(has_text="Hana Suzuki")
    expect(hana.get_by_text("1 package · 0 requests in progress")).to_be_visible(timeout=LIVE_MS)

    press(greta.page, greta.page.get_by_role("tab", name="Pending"), "ArrowRight", "Enter")
    taking = greta.page.get_by_role("button", name="Take back your approval of Remote access for Hana Suzuki")
    press(greta.page, taking, "Enter")
    asking = greta.page.get_by_role("alertdialog", name="Take back your approval?")
    tab_to(greta.page, asking.get_by_label("Reason"))
    greta.page.keyboard.type("She stays here")
    press(greta.page, asking.get_by_role("button", name="Take back"), "Enter")
    expect(greta.page.get_by_text("Since then: Ended")).to_be_visible(timeout=LIVE_MS)
    expect(hana.get_by_text("0 packages")).to_be_visible(timeout=LIVE_MS)
    greta.visit("/requests")
    expect(greta.page.get_by_text("Approval taken back · You asked for Hana Suzuki")).to_be_visible()


def test_questions_a_cancelled_request_a_stand_in_who_answers_a_shorter_end_an_extension_and_the_end(
    visitors: Visitors, company: Company
) -> None:
    """Ivan asks twice, Raj answers what Ivan left open, decides for Zoe and is cut off meanwhile, Ivan gives it up."""
    offer(company, "Laboratory", approvers=["zoe.martin"])
    zoe, raj, ivan = visitors.come("zoe"), visitors.come("raj"), visitors.come("ivan")
    zoe_names_raj(zoe)
    raj.visit("/approvals")
    ivan_asks_cancels_and_asks_again(ivan)
    raj_shortens_it_while_cut_off(raj)
    ivan_extends_it_and_gives_it_up(ivan)


def zoe_names_raj(zoe: Visitor) -> None:
    zoe.visit("/approvals/stand-ins")
    zoe.page.get_by_role("button", name="Name a stand-in").click()
    panel = zoe.page.get_by_role("dialog", name="Name a stand-in")
    panel.get_by_role("combobox").fill("Raj")
    zoe.page.get_by_role("option", name="Raj Patel").click()
    panel.get_by_role("button", name="Name", exact=True).click()


def ivan_asks_cancels_and_asks_again(ivan: Visitor) -> None:
    page = ivan.page
    ivan.visit("/packages")
    page.get_by_role("button", name="Request Laboratory").click()
    panel = page.get_by_role("dialog", name="Request access")
    panel.get_by_label("Which room?").wait_for()
    panel.get_by_role("button", name="Submit request").click()
    expect(panel.get_by_text("Please answer this.")).to_have_count(2)
    panel.get_by_label("Which room?").fill("Room 12")
    panel.get_by_role("radio", name="Yes").check()
    panel.get_by_role("button", name="Submit request").click()
    expect(page.get_by_text("1 request sent.").first).to_be_visible()
    page.get_by_role("link", name="Request history").click()
    page.get_by_role("link", name="Laboratory").click()
    story = page.get_by_role("dialog", name="Laboratory")
    story.get_by_role("button", name="Cancel request").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Cancel request").click()
    page.get_by_role("listitem").filter(has_text="Cancelled").get_by_role("link", name="Laboratory").click()
    story.get_by_role("button", name="Request again").click()
    question = page.get_by_role("alertdialog")
    question.get_by_label("Reason").fill("Now I am sure")
    question.get_by_role("button", name="Request again").click()


def raj_shortens_it_while_cut_off(raj: Visitor) -> None:
    again = raj.page.get_by_role("listitem").filter(has_text="Now I am sure")
    again.get_by_role("button", name="Review Laboratory for Ivan Petrov").click(timeout=LIVE_MS)
    review = raj.page.get_by_role("dialog", name="Laboratory")
    expect(review.get_by_text("Room 12")).to_be_visible()
    review.get_by_label("Which room?").fill("the cellar")
    review.get_by_role("checkbox", name="A guest").check()
    review.get_by_role("button", name="Approve").click()
    expect(review.get_by_text("takes what matches Room")).to_be_visible()
    raj.forgive("400")
    assert_open_to_all(raj, "answers of an approver")
    review.get_by_label("Which room?").fill("Room 14")
    review.get_by_label("End it earlier").fill(in_days(19))
    raj.page.context.set_offline(True)
    review.get_by_role("button", name="Approve").click()
    expect(review.get_by_text("Nothing you typed is lost").first).to_be_visible()
    raj.page.context.set_offline(False)
    review.get_by_role("button", name="Approve").click()
    expect(raj.page.get_by_text("Nothing waits for you")).to_be_visible()
    raj.forgive("ERR_INTERNET_DISCONNECTED")


def ivan_extends_it_and_gives_it_up(ivan: Visitor) -> None:
    page = ivan.page
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("list", name="Ends within 30 days").get_by_text("Laboratory")).to_be_visible(
        timeout=LIVE_MS
    )
    page.get_by_role("link", name="Request history").click()
    page.get_by_role("tab", name="In progress").click()
    expect(page.get_by_text("No requests here")).to_be_visible()
    page.get_by_role("tab", name="Completed").click()
    page.get_by_role("listitem").filter(has_text="Delivered").get_by_role("link", name="Laboratory").click()
    story = page.get_by_role("dialog", name="Laboratory")
    for answer in ("Room 14", "A guest"):
        expect(story.get_by_text(answer, exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Access packages").click()
    page.get_by_role("tab", name="Active").click()
    held = page.get_by_role("listitem").filter(has_text="Laboratory")
    expect(held.get_by_text("(in 19 days)")).to_be_visible()
    held.get_by_role("button", name="Extend").click()
    panel = page.get_by_role("alertdialog", name="Extend Laboratory")
    expect(panel.get_by_text("It needs no approval.")).to_be_visible()
    panel.get_by_role("button", name="Extend").click()
    expect(held.get_by_text("(in 2 months)").or_(held.get_by_text("(in 3 months)"))).to_be_visible(timeout=LIVE_MS)
    held.get_by_role("button", name="Give up").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Give up").click()
    expect(held).to_have_count(0, timeout=LIVE_MS)


def in_days(days: int) -> str:
    """Return what a date-time field of the visitors' takes so many days and half a day from now."""
    return (datetime.now(ZoneInfo(ZONE)) + timedelta(days=days, hours=12)).strftime("%Y-%m-%dT%H:%M")


def offer(company: Company, name: str, *, approvers: Sequence[str]) -> None:
    """Make a package that people ask for themselves, with questions, as an administrator would by the API."""
    catalog = {"id": sample_id("catalog", "Workplace")}
    named = [{"@odata.type": f"{HASH}singleUser", "userId": person_id(f"{one}@{DOMAIN}")} for one in approvers]
    policy = {
        "displayName": "Whoever works there",
        "allowedTargetScope": "allMemberUsers",
        "requestorSettings": {
            "enableTargetsToSelfAddAccess": True,
            "enableTargetsToSelfUpdateAccess": True,
            "enableTargetsToSelfRemoveAccess": True,
        },
        "requestApprovalSettings": {"isApprovalRequiredForAdd": True, "stages": [{"primaryApprovers": named}]},
        "expiration": {"type": "afterDuration", "duration": "P90D"},
        "questions": QUESTIONS,
    }
    headers = {"Authorization": f"Bearer {company.token('ada')}"}
    with httpx2.Client(base_url=f"{company.url}{GOVERNANCE}", headers=headers, trust_env=False) as ada:
        made = ada.post("/accessPackages", json={"displayName": name, "description": "", "catalog": catalog})
        assert made.status_code == 201, made.text
        answer = ada.post("/assignmentPolicies", json=policy | {"accessPackage": {"id": made.json()["id"]}})
        assert answer.status_code == 201, answer.text
