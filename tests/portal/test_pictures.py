"""Every page as a picture, for the documentation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.portal import test_administration as administration
from tests.portal.busy import busy_week
from tests.portal.conftest import PICTURES, Company, Visitors, wants_pictures
from tests.portal.test_pages import PAGES, PHONE

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("portal")]

TEMPLATES = "/etc/grantline/templates"
DOCS = Path(__file__).parents[2] / "docs"
BOTH_WAYS = ("overview", "packages")
"""The pages that are shown by day and by night."""
IN_STORIES = {"approvals", "errors"}
"""The pages that are shown when there is something on them."""


def pages_of_the_administration() -> Iterator[tuple[str, str]]:
    """Yield the name of each page's picture, and the page."""
    for page in (one for one in administration.PAGES if one not in IN_STORIES):
        first, *rest = page.split("/")
        yield (f"admin-{first}" if not rest else f"admin-{first[:-1]}-{rest[1] if len(rest) > 1 else 'page'}"), page


def test_pictures_of_the_pages(visitors: Visitors, company: Company, pytestconfig: pytest.Config) -> None:
    if not wants_pictures(pytestconfig):
        pytest.skip("pictures are taken with --portal-pictures")
    ada = visitors.come("ada")
    busy_week(ada, company)
    for name, page in pages_of_the_administration():
        ada.visit(f"/admin/{page}")
        if page == "mail":
            # Where the templates of these tests are is nobody's business.
            folder = ada.page.get_by_text("Your own words go into the folder")
            folder.evaluate(f"one => one.textContent = one.textContent.replace('{company.templates}', '{TEMPLATES}')")
        ada.picture(name, is_wanted=True)
    for scheme in ("light", "dark"):
        mia = visitors.come("mia", scheme=scheme)
        for name in BOTH_WAYS:
            mia.visit(PAGES[name])
            mia.picture(f"{name}-{scheme}", is_wanted=True)
    phone = visitors.come("mia", width=PHONE)
    phone.visit(PAGES["team"])
    phone.picture("team-phone", is_wanted=True)
    mia = visitors.come("mia")
    for name in PAGES.keys() - {*BOTH_WAYS} - IN_STORIES:
        mia.visit(PAGES[name])
        mia.picture(name, is_wanted=True)


def test_every_page_has_a_picture_and_every_picture_is_shown() -> None:
    taken = {picture.stem for picture in PICTURES.glob("*.png")}
    wanted = {name for name, _ in pages_of_the_administration()} | PAGES.keys() - set(BOTH_WAYS)
    assert wanted - taken == set(), "take them with --portal-pictures"
    gallery = (DOCS / "portal/README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(taken) if f"]({name}.png)" not in gallery] == []
