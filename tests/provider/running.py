"""Runs the provider of `op.mjs`, and signs people in at it as a browser would."""

import re
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from select import select
from urllib.parse import urljoin

import httpx2
import pytest

from tests.architecture.house import ROOT
from tests.provider.npm import NODE

MODULE = ROOT / ".venv/provider/node_modules/oidc-provider/lib/index.js"
PATIENCE_SECONDS = 30
MOST_STEPS = 12


@contextmanager
def running(port: int, portal: str) -> Generator[str]:
    """Run the provider; yield its issuer."""
    if not MODULE.exists():
        pytest.fail(f"{MODULE} is not there; `make setup` installs it.")
    command = [NODE, Path(__file__).with_name("op.mjs"), MODULE, str(port), portal]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            readable, _, _ = select([process.stdout], [], [], PATIENCE_SECONDS)
            assert readable
            assert process.stdout.readline().strip() == b"ready"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


async def sign_in_at(browser: httpx2.AsyncClient, address: str, name: str, *, until: str) -> str:
    """Follow redirects and fill in the provider's pages as `name`, until it sends the browser to `until…`."""
    answer = await browser.get(address)
    for _ in range(MOST_STEPS):
        if answer.is_redirect:
            address = urljoin(str(answer.url), answer.headers["location"])
            if address.startswith(until):
                return address
            answer = await browser.get(address)
            continue
        form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        assert form, answer.text
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text)
        fields = {**dict(hidden), "login": name, "password": "any"}
        answer = await browser.post(urljoin(str(answer.url), unescape(form[1])), data=fields)
    raise AssertionError(f"the provider never sent the browser to {until}")
