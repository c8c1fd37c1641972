"""When an end is announced."""

from datetime import timedelta

import pytest

from grantline.rules.notices import instants, is_silenced, reworded
from tests.rules.cases import NOW, policy


@pytest.mark.parametrize(
    ("story", "lasts", "days"),
    [
        ("a month", 30, [14, 1]),
        ("a fortnight exactly", 14, [1]),
        ("two days", 2, [1]),
        ("a day exactly", 1, []),
        ("never ends", None, []),
    ],
)
def test_what_lasts_longer_than_a_notice_is_announced_by_it(story: str, lasts: int | None, days: list[int]) -> None:
    ends_at = NOW + timedelta(days=lasts) if lasts is not None else None
    found = instants(ends_at, NOW)
    assert [(ends_at - instant).days for instant in found if ends_at] == days, story


@pytest.mark.parametrize(
    ("kept", "silenced"),
    [
        ({}, False),
        ({"notificationSettings": None}, False),
        ({"notificationSettings": {"isAssignmentNotificationDisabled": False}}, False),
        ({"notificationSettings": {"isAssignmentNotificationDisabled": True}}, True),
    ],
)
def test_a_policy_may_forbid_notices(kept: dict[str, object], silenced: bool) -> None:
    assert is_silenced(policy(kept=kept)) is silenced


def test_why_a_delivery_was_partial_stays_in_the_status() -> None:
    assert reworded("Delivered", "Near") == "Near"
    assert reworded("PartiallyDelivered: no role: x", "Near") == "Near: no role: x"
