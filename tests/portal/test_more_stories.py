"""What several people do at once, and what one does with the keyboard alone, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.portal.conftest import Visitors

pytestmark = [pytest.mark.timeout(150), pytest.mark.xdist_group("portal")]


def test_bob_sees_it_come_and_mia_sees_it_decided_without_a_reload(visitors: Visitors) -> None:
    bob, mia = visitors.come("bob"), visitors.come("mia")
    bob.visit("/approvals")
    mia.visit("/team")
    mia.page.get_by_role("button", name="Request access for Tess Okafor").click()
    panel = mia.page.get_by_role("dialog", name="Request access")
    panel.get_by_role("checkbox", name="Payroll reports").check()
    panel.get_by_label("Business justification").fill("Month end")
    panel.get_by_role("button", name="Submit request").click()

    review = bob.page.get_by_role("button", name="Review Payroll reports for Tess Okafor")
    expect(review).to_be_visible(timeout=8_000)
    mia.page.get_by_role("link", name="Tess Okafor").click()
    asked = mia.page.get_by_role("list", name="Requests").get_by_role("listitem").filter(has_text="Payroll reports")
    expect(asked.get_by_text("Pending approval")).to_be_visible()
    review.click()
    bob.page.get_by_role("dialog").get_by_role("button", name="Deny").click()
    expect(asked.get_by_text("Denied")).to_be_visible(timeout=8_000)
