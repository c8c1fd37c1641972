"""Every way out of the policy editor, as a part of the stories that come by it."""

from playwright.sync_api import Page, expect


def leave_the_editor_and_think_better_of_it(page: Page) -> None:
    """Whichever way one goes, by a link or by the browser's Back, what was typed stays until one lets it go."""
    description, asked = page.get_by_role("textbox", name="Description"), page.get_by_role("alertdialog")
    place, before = page.url, description.input_value()
    links = (page.get_by_role("link", name=name, exact=True) for name in ("Approvals", "Data warehouse"))
    description.fill("Half a thought")
    for leave in (*(link.click for link in links), page.get_by_role("button", name="Cancel").click, page.go_back):
        leave()
        expect(asked.get_by_role("heading", name="Discard your changes?")).to_be_visible()
        asked.get_by_role("button", name="Back").click()
        expect(asked).to_have_count(0)
        expect(description).to_have_value("Half a thought")
        assert page.url == place
    page.go_back()
    asked.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("heading", level=1, name="Data warehouse")).to_be_visible()
    page.go_forward()
    expect(description).to_have_value(before)
