"""A Grantline with its sample company, and people who look at it with a browser.

The browser is Debian's chromium. Where there is none, or no built portal, the
browser's stories are left out and say so; a build server fails instead.
"""

import os
import shutil
import signal
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright

from grantline.issuer import DevelopmentIssuer
from grantline.model.person import Person
from grantline.sample.organisation import DOMAIN, person_id
from grantline.settings import Settings
from tests.architecture.house import ROOT
from tests.cli.test_up import Up

PICTURES = ROOT / "docs" / "portal"
NAMES = {
    "mia": "Mia Lind",
    "leo": "Leo Park",
    "bob": "Bob Stone",
    "ada": "Ada King",
    "jon": "Jon Reyes",
    "tess": "Tess Okafor",
    "max": "Max Moor",
    "sam": "Sam Ito",
    "greta": "Greta Holm",
    "zoe": "Zoë Martin",
    "raj": "Raj Patel",
    "ivan": "Ivan Petrov",
}
ZONE = "Europe/Berlin"
PATIENCE_MS = 40_000
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--portal-pictures", action="store_true", help="take the pictures in docs/portal anew")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the browser's path, if its stories can be told here."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    lacks = []
    if found is None:
        lacks.append("there is no chromium (on Debian: apt-get install chromium)")
    if not (ROOT / "api/static/index.html").exists():
        lacks.append("the portal is not built (make portal)")
    if lacks:
        said = f"The browser's stories were left out: {' and '.join(lacks)}."
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    return str(found)


@pytest.fixture(scope="package")
def company(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Company"]:
    """Run `grantline up` with the sample company."""
    del chromium
    up = Up(tmp_path_factory.mktemp("portal") / "home")
    templates = tmp_path_factory.mktemp("templates")
    up.environment["GRANTLINE_MAIL_TEMPLATES"] = str(templates)
    # Without it there are no custom extensions: their calls are signed.
    up.environment["GRANTLINE_CALLOUT_SECRETS"] = f"whsec_{b64encode(bytes(32)).decode()}"
    url = up.start().split(maxsplit=2)[1]
    issuer = DevelopmentIssuer(up.home, audience=Settings(home=up.home).oidc_audience)
    yield Company(url=url, issuer=issuer, templates=templates)
    up.end(signal.SIGINT)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Run one browser for a file of stories; Playwright's loop must be gone before others use theirs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Where a Grantline answers, whose tokens it takes, and where its administrators write mail of their own."""

    url: str
    issuer: DevelopmentIssuer
    templates: Path

    def token(self, who: str) -> str:
        """Return a token for one of the sample's people."""
        name = sign_in_name(who)
        return self.issuer.token(Person(id=person_id(name), user_principal_name=name, display_name=NAMES[who]))


@dataclass
class Visitor:
    """Somebody with a browser window, which keeps every complaint it has."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def visit(self, path: str) -> None:
        """Go to a page and wait until it has settled."""
        self.page.goto(path)
        self.page.locator("h1").wait_for()
        expect(self.page.get_by_label("Loading …").or_(self.page.get_by_text("Loading …"))).to_have_count(0)

    def sign_in(self, name: str) -> None:
        """Sign in as people do: at the provider's page, which here is the development issuer's."""
        self.page.goto("/")
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("link", name=name).click()
        self.page.get_by_role("heading", level=1, name="Welcome").wait_for()

    def forgive(self, wording: str) -> None:
        """Take a complaint off the list that the story is about."""
        self.complaints = [one for one in self.complaints if wording not in one]

    def picture(self, name: str, *, is_wanted: bool) -> None:
        """Take the picture of a page for the documentation."""
        if is_wanted:
            PICTURES.mkdir(exist_ok=True)
            self.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        # A page that is left takes its questions with it.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")


@pytest.fixture
def visitors(browser: Browser, company: Company) -> Iterator["Visitors"]:
    """Let people in, each with a window of their own; in the end nobody's browser may have complained."""
    found = Visitors(browser, company)
    yield found
    found.leave()


class Visitors:
    """Opens windows."""

    def __init__(self, browser: Browser, company: Company) -> None:
        self._browser = browser
        self._company = company
        self._all: list[Visitor] = []

    def come(self, who: str, *, scheme: str = "light", width: int = 1280, language: str = "en-GB") -> Visitor:
        """Open a window for somebody who is signed in."""
        visitor = self.stranger(scheme=scheme, width=width, language=language)
        token = self._company.token(who)
        visitor.page.add_init_script(f"sessionStorage.setItem('grantline.token', '{token}')")
        return visitor

    def stranger(self, *, scheme: str = "light", width: int = 1280, language: str = "en-GB") -> Visitor:
        """Open a window for nobody yet."""
        context = self._browser.new_context(
            base_url=self._company.url,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
            locale=language,
            timezone_id=ZONE,
        )
        visitor = Visitor(context.new_page())
        self._all.append(visitor)
        return visitor

    def sign_in(self, who: str) -> Visitor:
        """Open a window and sign somebody in by hand."""
        visitor = self.stranger()
        visitor.sign_in(NAMES[who])
        return visitor

    def turn(self, switch: str, *, is_on: bool) -> None:
        """Have Ada turn a switch that holds for everybody."""
        answer = httpx2.patch(
            f"{self._company.url}/api/control-configurations",
            json={switch: is_on},
            headers={"Authorization": f"Bearer {self._company.token('ada')}"},
        )
        assert answer.status_code == 200, answer.text

    def leave(self) -> None:
        """Close every window, and say what the browsers complained of."""
        complaints = [one for visitor in self._all for one in visitor.complaints]
        for visitor in self._all:
            visitor.page.context.close()
        assert complaints == []


def sign_in_name(who: str) -> str:
    """Return the name one of the sample's people signs in with."""
    return f"{who}.{NAMES[who].split()[-1].lower()}@{DOMAIN}"


def wants_pictures(config: pytest.Config) -> bool:
    """Tell whether the documentation's pictures are taken in this run."""
    return bool(config.getoption("--portal-pictures", default=False))


def first_load(static: Path) -> list[str]:
    """Return the scripts that a browser loads before anything is shown: those that the page names."""
    page = (static / "index.html").read_text(encoding="utf-8")
    return [part.split('"')[0] for part in page.split("/assets/")[1:] if part.split('"')[0].endswith(".js")]
