"""What administrators have on their desk besides: the mail that people get, calls to other systems, lists of people."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from grantline.model.mail import MailKind
from tests.notifications.test_rendering import put
from tests.portal.conftest import Company, Visitor, Visitors, wants_pictures
from tests.portal.test_pages import PHONE, assert_open_to_all

pytestmark = [pytest.mark.timeout(150), pytest.mark.xdist_group("portal")]


def downloaded(page: Page, button: str) -> Path:
    """Press a button that saves a file, and return the file."""
    with page.expect_download() as saving:
        page.get_by_role("button", name=button).click()
    return Path(saving.value.path())


def assert_fits_a_phone(visitor: Visitor) -> None:
    """Fail if what is on the screen is wider than a phone."""
    visitor.page.set_viewport_size({"width": PHONE, "height": 800})
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PHONE
    visitor.page.set_viewport_size({"width": 1280, "height": 800})


def test_ada_sees_every_mail_as_it_comes_and_why_words_of_her_own_cannot_be_used(
    visitors: Visitors, company: Company, pytestconfig: pytest.Config
) -> None:
    ada = visitors.come("ada")
    page = ada.page
    ada.visit("/admin/mail")
    expect(page.get_by_role("list", name="Messages").get_by_role("listitem")).to_have_count(len(MailKind))
    assert_fits_a_phone(ada)

    page.get_by_role("link", name="Nobody decided", exact=True).click()
    letter = page.frame_locator("iframe")
    expect(letter.get_by_text("Month end closing.")).to_be_visible()
    link = letter.get_by_text("Show the request")
    assert link.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(15, 108, 189)"
    assert link.get_attribute("href") is None
    assert_fits_a_phone(ada)
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
