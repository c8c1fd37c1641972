"""Settings of a policy that Graph has and that ask nothing of Grantline yet: kept, and given back as they came."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from grantline.errors import InvalidInput, NotSupported

LARGEST = 10_000
_TRUTH = TypeAdapter(bool)


def kept_in(
    review: Mapping[str, Any] | None, automatic: Mapping[str, Any] | None, notification: Mapping[str, Any] | None
) -> dict[str, object]:
    """Return what is kept of the three, by Graph's names; null is not kept, it is what unset reads as.

    Raises:
        NotSupported: reviews or automatic assignment are switched on.
        InvalidInput: a switch that is neither true nor false, or too much of it.
    """
    demands = (
        ("reviewSettings", review, ("isEnabled",)),
        (
            "automaticRequestSettings",
            automatic,
            ("requestAccessForAllowedTargets", "removeAccessWhenTargetLeavesAllowedTargets"),
        ),
        # Nobody is mailed about assignments yet, so a wish not to be is fulfilled.
        ("notificationSettings", notification, ()),
    )
    kept: dict[str, object] = {}
    for name, settings, switches in demands:
        if settings is None:
            continue
        for switch in switches:
            if _is_on(settings, name, switch):
                raise NotSupported(f"{name}.{switch} is not offered yet; set it to false.", target=f"{name}/{switch}")
        kept[name] = _bounded(name, settings)
    return kept


def _is_on(settings: Mapping[str, Any], name: str, switch: str) -> bool:
    value = next((value for key, value in settings.items() if key.lower() == switch.lower()), None)
    try:
        return value is not None and _TRUTH.validate_python(value)
    except ValidationError as error:
        raise InvalidInput(f"{name}.{switch} is true or false.", target=f"{name}/{switch}") from error


def _bounded(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    if len(json.dumps(settings)) > LARGEST:
        raise InvalidInput(f"{name} is larger than {LARGEST} characters.", target=name)
    return dict(settings)
