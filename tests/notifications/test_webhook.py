"""Where a callout may go, and where never."""

from collections.abc import Sequence

import pytest

from grantline.errors import CalloutNotTaken
from grantline.notifications.webhook import Webhook, may_call

NEVER = [
    "169.254.169.254",
    "169.254.1.1",
    "fe80::1",
    "fe80::1%eth0",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "100.100.100.200",
    "fd00:ec2::254",
    "168.63.129.16",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "ff02::1",
    "240.0.0.1",
    "255.255.255.255",
]
ONES_OWN = ["127.0.0.1", "::1", "10.0.0.7", "172.16.5.4", "192.168.1.1", "100.64.0.9", "fd12::1", "::ffff:10.0.0.7"]
EVERYBODYS = ["8.8.8.8", "2606:4700::1111"]


@pytest.mark.parametrize("address", NEVER)
def test_never_to_a_machine_s_own_secrets_or_to_nobody(address: str) -> None:
    assert not may_call(address, allows_private=True)
    assert not may_call(address, allows_private=False)


@pytest.mark.parametrize("address", ONES_OWN)
def test_to_ones_own_network_only_where_that_is_allowed(address: str) -> None:
    assert may_call(address, allows_private=True)
    assert not may_call(address, allows_private=False)


@pytest.mark.parametrize("address", EVERYBODYS)
def test_to_the_rest_of_the_world(address: str) -> None:
    assert may_call(address, allows_private=False)


@pytest.mark.parametrize(
    ("found", "url", "says"),
    [
        (["8.8.8.8", "169.254.169.254"], "https://both.test/", "169.254.169.254, which Grantline does not call"),
        (["10.0.0.1"], "https://inside.test/", "10.0.0.1, which Grantline does not call"),
        (["8.8.8.8"], "http://plain.test/", "use https://"),
        ([], "https://nowhere.test/", "has no address"),
    ],
    ids=["one of several", "private", "in clear", "none"],
)
async def test_every_address_of_a_name_is_judged_when_it_is_called(found: Sequence[str], url: str, says: str) -> None:
    async def resolver(host: str, port: int) -> Sequence[str]:
        del host, port
        return found

    webhook = Webhook(resolver=resolver)
    with pytest.raises(CalloutNotTaken, match=says):
        await webhook.post(url, b"{}", {})
    await webhook.aclose()


async def test_a_name_that_nobody_has_is_no_reason_to_fall() -> None:
    async def resolver(host: str, port: int) -> Sequence[str]:
        raise OSError("unknown name")

    webhook = Webhook(resolver=resolver)
    with pytest.raises(CalloutNotTaken, match="unknown name"):
        await webhook.post("https://gone.test/", b"{}", {})
    await webhook.aclose()
