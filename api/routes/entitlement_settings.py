"""The settings of entitlement management that Graph has: what becomes of guests. There are none here, so one value."""

from fastapi import APIRouter, Request
from typing_extensions import TypedDict

from api import may
from api.answers import Entity, Nothing
from api.dependencies import EntityQuery
from api.odata import present
from api.wire.base import Body, Duration, Text
from grantline.errors import NotSupported

CONTEXT = "identityGovernance/entitlementManagement/settings"
NONE = "none"


class SettingsOut(TypedDict):
    """What becomes of guests who lose their last access."""

    id: str
    externalUserLifecycleAction: str
    durationUntilExternalUserDeletedAfterBlocked: None


SINGLETON: SettingsOut = {
    "id": "singleton",
    "externalUserLifecycleAction": NONE,
    "durationUntilExternalUserDeletedAfterBlocked": None,
}

router = APIRouter(prefix=f"/{CONTEXT}", tags=["settings"])


class SettingsBody(Body):
    """The body of PATCH settings."""

    external_user_lifecycle_action: Text | None = None
    duration_until_external_user_deleted_after_blocked: Duration | None = None


@router.get("")
async def read(request: Request, actor: may.Govern, query: EntityQuery) -> Entity[SettingsOut]:
    """Show what becomes of guests who lose their last access: nothing."""
    del actor
    query.allow_expand()
    return present.entity(request, CONTEXT, SINGLETON, query)


@router.patch("", status_code=204)
async def change(body: SettingsBody, actor: may.Govern) -> Nothing:
    """Take what is so already, and refuse the rest: a setting without effect would be a lie."""
    del actor
    action = body.external_user_lifecycle_action
    if action is not None and action.lower() != NONE:
        raise NotSupported(
            f"externalUserLifecycleAction stays {NONE}: accounts of guests are not kept here.",
            target="externalUserLifecycleAction",
        )
    if body.duration_until_external_user_deleted_after_blocked:
        raise NotSupported(
            "durationUntilExternalUserDeletedAfterBlocked stays empty: accounts of guests are not kept here.",
            target="durationUntilExternalUserDeletedAfterBlocked",
        )
    return present.nothing()
