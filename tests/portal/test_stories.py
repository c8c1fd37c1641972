"""What people do in the portal, from signing in to taking access back, in a real browser."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.portal.conftest import Visitor, Visitors, wants_pictures

pytestmark = [pytest.mark.timeout(150), pytest.mark.xdist_group("portal")]


def test_mia_asks_for_leo_bob_approves_and_mia_takes_it_back(visitors: Visitors, pytestconfig: pytest.Config) -> None:
    """One story in five parts: request, approval, what Leo has, how it came about, removal."""
    pictures = wants_pictures(pytestconfig)
    mia, bob = visitors.sign_in("mia"), visitors.come("bob")
    mia_asks(mia, pictures=pictures)
    bob_approves(bob, visitors.come("bob"), pictures=pictures)
    leo_looks_at_what_he_has(visitors.come("leo"))
    bob.page.get_by_role("tab", name="History").click()
    expect(bob.page.get_by_role("link", name="Leo Park · Payroll reports")).to_be_visible()
    mia_reads_how_it_came_about(mia, pictures=pictures)
    mia_takes_it_back(mia)


def mia_asks(mia: Visitor, *, pictures: bool) -> None:
    page = mia.page
    page.get_by_role("link", name="My team").click()
    page.get_by_role("button", name="Onboard Leo Park").click()
    panel = page.get_by_role("dialog", name="Request access")
    panel.get_by_role("checkbox", name="Payroll reports").check()
    panel.get_by_role("checkbox", name="New starter").check()
    panel.get_by_role("button", name="Submit 2 requests").click()
    expect(panel.get_by_text("Say why the access is needed.")).to_be_visible()
    expect(panel.get_by_label("Business justification")).to_be_focused()
    panel.get_by_label("Business justification").fill("Leo joined the team on Monday")
    expect(panel.get_by_text("Bob Stone decides within 14 days.")).to_be_visible()
    expect(
        panel.get_by_text(re.compile(r"Without a decision by \w{3}, .* CES?T the request expires\."))
    ).to_be_visible()
    expect(panel.get_by_text("No approval is needed; the access begins at once.")).to_be_visible()
    mia.picture("request", is_wanted=pictures)
    panel.get_by_role("button", name="Submit 2 requests").click()
    expect(page.get_by_text("2 requests sent.").first).to_be_visible()
    expect(
        page.get_by_role("listitem").filter(has_text="Leo Park").get_by_text("1 request in progress")
    ).to_be_visible()


def bob_approves(bob: Visitor, slower: Visitor, *, pictures: bool) -> None:
    """Bob has two windows open, and decides in the first while he types in the other."""
    bob.visit("/approvals")
    expect(bob.page.get_by_text(re.compile(r"Decide by .* CES?T \(in (14 days|2 weeks)\)"))).to_be_visible()
    bob.picture("approvals", is_wanted=pictures)
    bob.page.get_by_role("button", name="Review Payroll reports for Leo Park").click()
    review = bob.page.get_by_role("dialog", name="Payroll reports")
    expect(review.get_by_text("Requested by Mia Lind")).to_be_visible()
    expect(review.get_by_text("Member: Payroll readers")).to_be_visible()
    bob.picture("approval", is_wanted=pictures)
    slower.visit("/approvals")
    slower.page.get_by_role("button", name="Review Payroll reports for Leo Park").click()
    slower.page.get_by_label("Reason for your decision").fill("Let me think")
    review.get_by_label("Reason for your decision").fill("Part of the job")
    review.get_by_role("button", name="Approve").click()
    expect(bob.page.get_by_text("Nothing waits for you")).to_be_visible()
    # The row is gone, and the button in it; whoever has no mouse goes on at the head of the page, and has time to read.
    expect(bob.page.get_by_role("heading", level=1, name="Approvals")).to_be_focused()
    timer = bob.page.locator("[data-timer-status]").first
    assert timer.evaluate("one => getComputedStyle(one).animationDuration") == "6s"
    expect(slower.page.get_by_text("This does not wait for a decision any more.")).to_be_visible()
    expect(slower.page.get_by_role("button", name="Close").first).to_be_focused()
    slower.page.keyboard.press("Escape")
    expect(slower.page.get_by_role("dialog")).to_have_count(0)


def leo_looks_at_what_he_has(leo: Visitor) -> None:
    leo.visit("/packages/active")
    leo.page.get_by_role("searchbox").fill("payr")
    leo.page.get_by_role("link", name="Payroll reports").click()
    given = leo.page.get_by_role("dialog", name="Payroll reports")
    expect(given.get_by_text("Member of Payroll readers")).to_be_visible()
    given.get_by_role("button", name="Close").last.click()
    expect(leo.page.get_by_role("tab", name="Active", selected=True)).to_be_visible()


def mia_reads_how_it_came_about(mia: Visitor, *, pictures: bool) -> None:
    page = mia.page
    mia.visit("/requests")
    asked = page.get_by_role("list", name="Request history")
    page.get_by_role("searchbox", name="Search by person or package").fill("payroll")
    expect(asked.get_by_role("link", name="New starter")).to_have_count(0)
    page.get_by_role("link", name="Payroll reports").click()
    story = page.get_by_role("dialog", name="Payroll reports")
    expect(story.get_by_text("Bob Stone approved")).to_be_visible()
    mia.picture("story", is_wanted=pictures)
    story.get_by_role("button", name="Close").first.click()
    page.get_by_role("link", name="My team").click()
    page.get_by_role("link", name="Leo Park").click()
    held = page.get_by_role("list", name="Access")
    expect(held.get_by_role("listitem").filter(has_text="Payroll reports").get_by_text("Delivered")).to_be_visible()
    mia.picture("report", is_wanted=pictures)
    page.get_by_role("list", name="Requests").get_by_role("link", name="Payroll reports").click()
    page.get_by_role("dialog", name="Payroll reports").get_by_role("button", name="Close").first.click()
    # What was opened from a page is closed onto it.
    expect(page.get_by_role("heading", level=1, name="Leo Park")).to_be_visible()


def mia_takes_it_back(mia: Visitor) -> None:
    page = mia.page
    page.get_by_role("button", name="Remove Payroll reports from Leo Park").click()
    question = page.get_by_role("alertdialog", name="Remove Payroll reports")
    question.get_by_label("Reason").fill("He changed teams")
    discarding = page.get_by_role("alertdialog", name="Discard your changes?")
    for leave in (question.get_by_role("button", name="Back").click, page.go_back):
        leave()
        discarding.get_by_role("button", name="Back").click()
        expect(question.get_by_label("Reason")).to_have_value("He changed teams")
    question.get_by_role("button", name="Remove access").click()
    expect(
        page.get_by_role("list", name="Access").get_by_role("listitem").filter(has_text="Payroll reports")
    ).to_have_count(0)


def test_what_is_refused_says_why_before_it_is_sent_and_after(visitors: Visitors) -> None:
    """Mia asks for the same twice, and for what somebody else has asked for in the meantime."""
    mia, other = visitors.come("mia"), visitors.come("mia")
    for window in (mia, other):
        window.visit("/packages")
        window.page.get_by_role("button", name="Request Expense approval").click()
        window.page.get_by_label("Business justification").fill("I stand in for Max")
        window.page.get_by_text("decides within").wait_for()
    mia.page.get_by_role("button", name="Submit request").click()
    expect(mia.page.get_by_text("1 request sent.").first).to_be_visible()
    other.page.get_by_role("button", name="Submit request").click()
    expect(other.page.get_by_text("is open already")).to_be_visible()
    expect(other.page.get_by_label("Business justification")).to_have_value("I stand in for Max")
    other.forgive("409")

    mia.visit("/packages")
    mia.page.get_by_role("button", name="Request Expense approval").click()
    expect(mia.page.get_by_text("is open already")).to_be_visible()


def test_a_lost_connection_is_said_and_loses_nothing(visitors: Visitors) -> None:
    mia = visitors.come("mia")
    page = mia.page
    mia.visit("/packages")
    page.get_by_role("button", name="Request Remote access").click()
    panel = page.get_by_role("dialog", name="Request access")
    panel.get_by_label("Business justification").fill("I travel next week")
    panel.get_by_text("decides within").wait_for()
    page.context.set_offline(True)
    panel.get_by_role("button", name="Submit request").click()
    expect(panel.get_by_text("Nothing you typed is lost").first).to_be_visible()
    expect(panel.get_by_label("Business justification")).to_have_value("I travel next week")
    page.context.set_offline(False)
    panel.get_by_role("button", name="Submit request").click()
    expect(page.get_by_text("1 request sent.").first).to_be_visible()
    mia.forgive("ERR_INTERNET_DISCONNECTED")


def test_what_the_server_cannot_do_is_said_in_words_and_a_session_that_ends_has_a_way_back(visitors: Visitors) -> None:
    sam = visitors.come("sam")
    page = sam.page
    answers = [(500, "oops"), (401, '{"error": {"code": "InvalidAuthenticationToken", "message": "It is over."}}')]

    def fail(route: Route) -> None:
        status, body = answers.pop(0)
        route.fulfill(status=status, body=body)

    page.route("**/requests/validate", lambda route: route.fulfill(status=500, body="oops"))
    page.route(re.compile("/assignmentRequests$"), fail)
    sam.visit("/packages")
    page.get_by_role("button", name="Request Remote access").click()
    panel = page.get_by_role("dialog", name="Request access")
    panel.get_by_label("Business justification").fill("I travel next week")
    expect(panel.get_by_text("This cannot be told at the moment.")).to_be_visible()
    panel.get_by_role("button", name="Submit request").click()
    expect(panel.get_by_text("The server could not do this (500).")).to_be_visible()
    panel.get_by_role("button", name="Submit request").click()
    expect(panel.get_by_text("You are signed out")).to_be_in_viewport()
    expect(panel.get_by_role("link", name="Sign in")).to_be_visible()
    expect(panel.get_by_label("Business justification")).to_have_value("I travel next week")
    for status in ("500", "401"):
        sam.forgive(status)


def test_bob_names_a_stand_in_and_takes_it_back(visitors: Visitors) -> None:
    bob = visitors.come("bob")
    page = bob.page
    bob.visit("/approvals")
    page.get_by_role("tab", name="Stand-ins").click()
    page.get_by_role("button", name="Name a stand-in").click()
    panel = page.get_by_role("dialog", name="Name a stand-in")
    panel.get_by_role("combobox").click()
    panel.get_by_role("combobox").fill("Omar")
    page.get_by_role("option", name="Omar Saleh").click()
    panel.get_by_label("From").fill("2099-08-01T08:00")
    panel.get_by_label("Until").fill("2099-07-01T08:00")
    panel.get_by_role("button", name="Name", exact=True).click()
    expect(panel.get_by_text(re.compile("1 Aug 2099, 08:00 CEST"))).to_be_visible()
    bob.forgive("400")
    panel.get_by_label("Until").fill("2099-08-14T08:00")
    panel.get_by_role("button", name="Name", exact=True).click()
    listed = page.get_by_role("main").get_by_role("listitem")
    expect(listed.filter(has_text="Omar Saleh stands in for you").get_by_text("Coming")).to_be_visible()
    page.get_by_role("button", name="End that Omar Saleh stands in").click()
    page.get_by_role("alertdialog").get_by_role("button", name="End").click()
    expect(page.get_by_text("Nobody stands in for you")).to_be_visible()


def test_with_the_managers_view_off_my_team_is_gone_and_a_link_to_it_says_why(visitors: Visitors) -> None:
    visitors.turn("managersSeeReportsAccess", is_on=False)
    try:
        mia = visitors.come("mia")
        mia.visit("/team")
        expect(mia.page.get_by_text("Your organisation keeps this page off")).to_be_visible()
        expect(mia.page.get_by_role("link", name="My team")).to_have_count(0)
        mia.page.get_by_role("button", name="Request for my team").click()
        expect(mia.page.get_by_role("dialog", name="Request access")).to_be_visible()
    finally:
        visitors.turn("managersSeeReportsAccess", is_on=True)
