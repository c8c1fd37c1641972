"""Each page as it is drawn: readable for everybody, in the dark, on a phone, in German."""

import itertools
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, Route, expect

from grantline.sample.organisation import DOMAIN, person_id, sample_id
from tests.portal.conftest import Visitor, Visitors

pytestmark = [pytest.mark.timeout(150), pytest.mark.xdist_group("portal")]

PAGES = {
    "overview": "/",
    "packages": "/packages",
    "active": "/packages/active",
    "requests": "/requests",
    "approvals": "/approvals",
    "stand-ins": "/approvals/stand-ins",
    "team": "/team",
}
PHONE = 360
# Fluent's focus keepers have no content by design.
LEAVING_OUT = {"exclude": [["[data-tabster-dummy]"]]}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
MOVED = """() => new Promise(done => new PerformanceObserver(
    list => done(list.getEntries().reduce((sum, one) => sum + one.value, 0))
).observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 500))"""
OFFER = {"id": sample_id("package", "Payroll reports"), "description": ""}
COLOURS = {"runOnly": ["color-contrast"]}


def barriers(page: Page, scheme: str) -> list[str]:
    """Return what bars somebody from the page, each with where it is; by night only the colours are others."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    if scheme == "light":
        found = Axe().run(page, context=LEAVING_OUT, options=RULES).response["violations"]
    else:
        found = page.evaluate("([where, what]) => axe.run(where, what)", [LEAVING_OUT, COLOURS])["violations"]
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]


def assert_open_to_all(visitor: Visitor, name: str) -> None:
    """Fail if something bars somebody from what is on the screen, by day or by night."""
    for scheme in ("light", "dark"):
        assert barriers(visitor.page, scheme) == [], f"{name} in {scheme}"
    visitor.page.emulate_media(color_scheme="light")


def assert_fits(visitor: Visitor, name: str) -> None:
    """Fail if a phone, or a window at twice the size, would have to be scrolled sideways."""
    for width in (PHONE, 640):
        visitor.page.set_viewport_size({"width": width, "height": 800})
        try:
            # Fluent lays out a bar of messages anew once it has seen that it became narrow.
            visitor.page.wait_for_function(f"document.documentElement.scrollWidth <= {width}")
        except Error:
            pytest.fail(f"{name} at {width} is {visitor.page.evaluate('document.documentElement.scrollWidth')} wide")
    visitor.page.set_viewport_size({"width": 1280, "height": 800})


def test_no_page_bars_anybody(visitors: Visitors) -> None:
    mia = visitors.come("mia")
    for name, path in PAGES.items():
        mia.visit(path)
        assert_open_to_all(mia, name)


def test_the_request_panel_bars_nobody_and_escape_closes_one_thing_at_a_time(visitors: Visitors) -> None:
    mia = visitors.come("mia")
    mia.visit("/team")
    mia.page.get_by_role("button", name="Request for my team").click()
    panel = mia.page.get_by_role("dialog", name="Request access")
    panel.get_by_role("combobox").click()
    mia.page.get_by_role("option", name="Tess Okafor").wait_for()
    mia.page.keyboard.press("Escape")
    panel.get_by_role("combobox").click()
    mia.page.get_by_role("option", name="Tess Okafor").click()
    panel.get_by_role("checkbox", name="Quarter close").check()
    panel.get_by_text("decide").first.wait_for()
    assert_open_to_all(mia, "the request panel")
    mia.page.keyboard.press("Escape")
    expect(mia.page.get_by_role("button", name="Request for my team")).to_be_focused()


def test_every_page_fits_a_phone(visitors: Visitors) -> None:
    mia = visitors.come("mia", width=PHONE)
    for name, path in PAGES.items():
        mia.visit(path)
        assert mia.page.evaluate("document.documentElement.scrollWidth") <= PHONE, name
    ada = visitors.come("ada", width=PHONE)
    ada.visit(f"/admin/packages/{sample_id('package', 'Payroll reports')}/holders")
    expect(ada.page.get_by_role("tab", name="Who has it")).to_be_in_viewport(ratio=1)
    mia.page.get_by_role("button", name="Open the menu").click()
    mia.page.get_by_role("link", name="Access packages").click()
    expect(mia.page.get_by_role("heading", level=1, name="Access packages")).to_be_visible()


def test_german_is_spoken_to_who_asks_for_it(visitors: Visitors) -> None:
    mia = visitors.come("mia", language="de-DE")
    mia.visit("/packages")
    expect(mia.page.get_by_role("heading", level=1)).to_have_text("Zugriffspakete")
    assert mia.page.evaluate("document.documentElement.lang") == "de"
    refused = {
        "isAccepted": False,
        "refusals": [{"code": "targetDisabled", "message": "It is disabled."}],
        "stages": [],
    }
    mia.page.route("**/api/requests/validate", lambda route: route.fulfill(json=refused))
    mia.page.get_by_role("button", name="Expense approval anfordern").click()
    expect(mia.page.get_by_text("Das Konto dieser Person ist gesperrt.")).to_be_visible()
    mia.page.route(
        "**/api/packages?*", lambda route: route.fulfill(json={"items": [OFFER | {"displayName": "Zugriff" * 30}]})
    )
    mia.visit("/team")
    mia.page.set_viewport_size({"width": PHONE, "height": 800})
    mia.page.get_by_role("button", name="Leo Park").first.click()
    mia.page.get_by_role("checkbox", name="ZugriffZugriff").wait_for()
    assert mia.page.evaluate("document.querySelector('.fui-DrawerBody').scrollWidth") <= PHONE


def test_the_keyboard_reaches_the_content_first(visitors: Visitors) -> None:
    mia = visitors.come("mia")
    mia.visit("/packages")
    mia.page.keyboard.press("Tab")
    expect(mia.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    mia.page.keyboard.press("Enter")
    mia.page.keyboard.press("Tab")
    expect(mia.page.get_by_role("button", name="Request access")).to_be_focused()
    mia.page.get_by_role("link", name="Request history").click()
    expect(mia.page.get_by_role("heading", level=1, name="Request history")).to_be_focused()


def test_a_page_that_is_not_there_says_so(visitors: Visitors) -> None:
    mia = visitors.come("mia")
    for path in (
        "/nowhere/at/all",
        "/packages/nowhere",
        "/approvals/nowhere",
        f"/team/{person_id('ada.king@' + DOMAIN)}",
    ):
        mia.visit(path)
        expect(mia.page.get_by_role("heading", level=1)).to_have_text("Page not found")


def test_what_comes_later_pushes_nothing_aside(visitors: Visitors) -> None:
    """Each answer comes in its own time, as on a slow line."""
    mia = visitors.come("mia")
    answers = itertools.cycle((0.1, 0.4, 0.2))

    def wait(route: Route) -> None:
        time.sleep(next(answers))
        route.continue_()

    mia.page.route("**/v1.0/**", wait)
    mia.visit("/")
    mia.page.get_by_role("heading", level=2, name="Recent requests").wait_for()
    assert mia.page.evaluate(MOVED) < 0.01
