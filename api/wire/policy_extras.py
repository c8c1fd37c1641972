"""Settings of a policy that Graph has and that judgement does not read: kept, and given back as they came."""

import json
from datetime import timedelta
from typing import Any

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from api.wire.base import Body, Truth
from api.wire.durations import Duration, duration
from api.wire.strict import StrictBody
from grantline.errors import InvalidInput, NotSupported

LARGEST = 10_000


class ReviewSettings(Body):
    """`reviewSettings`: kept whole while reviews are off."""

    model_config = ConfigDict(extra="allow")
    is_enabled: Truth | None = None


class AutomaticRequestSettings(StrictBody):
    """`automaticRequestSettings`: kept while both switches are off."""

    request_access_for_allowed_targets: Truth | None = None
    remove_access_when_target_leaves_allowed_targets: Truth | None = None
    grace_period_before_access_removal: Duration | None = None


class NotificationSettings(StrictBody):
    """`notificationSettings`: whether people are mailed at delivery and end, and the end is announced."""

    is_assignment_notification_disabled: Truth | None = None


def kept_in(
    review: ReviewSettings | None, automatic: AutomaticRequestSettings | None, notification: NotificationSettings | None
) -> dict[str, object]:
    """Return what is kept of the three, by Graph's names; null is not kept, it is what unset reads as.

    Raises:
        NotSupported: reviews or automatic assignment are switched on.
        InvalidInput: there is too much of it.
    """
    if review is not None and review.is_enabled:
        raise _not_offered("reviewSettings", "isEnabled")
    if automatic is not None:
        for switch in ("request_access_for_allowed_targets", "remove_access_when_target_leaves_allowed_targets"):
            if getattr(automatic, switch):
                raise _not_offered("automaticRequestSettings", to_camel(switch))
    given = (
        ("reviewSettings", review),
        ("automaticRequestSettings", automatic),
        ("notificationSettings", notification),
    )
    return {name: _kept(name, settings) for name, settings in given if settings is not None}


def _not_offered(settings: str, switch: str) -> NotSupported:
    return NotSupported(f"{settings}.{switch} is not offered yet; set it to false.", target=f"{settings}/{switch}")


def _kept(name: str, settings: Body) -> dict[str, Any]:
    members = {
        to_camel(member): getattr(settings, member)
        for member in settings.model_fields_set & set(type(settings).model_fields)
    }
    kept = {member: duration(value) if isinstance(value, timedelta) else value for member, value in members.items()}
    kept |= settings.model_extra or {}
    if len(json.dumps(kept)) > LARGEST:
        raise InvalidInput(f"{name} is larger than {LARGEST} characters.", target=name)
    return kept
