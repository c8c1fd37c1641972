"""The receiver on the page does what the page says: it is run here, against calls as they are signed."""

import re
import time
from collections.abc import Callable

import pytest

from grantline.notifications.signing import Signer
from tests.architecture.house import ROOT

Check = Callable[[str, dict[str, str], bytes], bool]
BODY = '{"data": {"justification": "Münzen"}}'.encode()
OLD, NEW = "old-secret-of-this-installation-0123456789", "new-secret-of-this-installation-0123456789"


@pytest.fixture
def check() -> Check:
    """Return the page's own function."""
    page = (ROOT / "docs/custom-extensions.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    room: dict[str, Check] = {}
    exec(code, room)
    return room["check"]


def test_a_call_is_taken_once_and_known_again(check: Check) -> None:
    signer = Signer([OLD])
    (key,) = signer.keys("extension")
    first = signer.headers("extension", "call", int(time.time()), BODY)
    assert check(key, first, BODY) is True
    later = signer.headers("extension", "call", int(time.time()) + 5, BODY)
    assert check(key, later, BODY) is False, "the same call once more"


def test_while_secrets_change_receivers_with_either_key_take_it(check: Check) -> None:
    signer = Signer([NEW, OLD])
    for number, key in enumerate(signer.keys("extension")):
        assert check(key, signer.headers("extension", f"call {number}", int(time.time()), BODY), BODY) is True


@pytest.mark.parametrize("story", ["another body", "another key", "another id", "another time", "too old", "tomorrow"])
def test_what_grantline_did_not_send_now_is_refused(check: Check, story: str) -> None:
    signer, now = Signer([OLD]), int(time.time())
    key, body = signer.keys("extension")[0], BODY
    at = {"too old": now - 301, "tomorrow": now + 86_400}.get(story, now)
    headers = signer.headers("another" if story == "another key" else "extension", "call", at, BODY)
    if story == "another body":
        body = BODY.replace(b"M", b"m")
    if story == "another id":
        headers["webhook-id"] = "other"
    if story == "another time":
        headers["webhook-timestamp"] = str(now + 1)
    with pytest.raises(ValueError, match=r"not signed|too old"):
        check(key, headers, body)
