"""customExtensionStageSettings of a policy, on the wire: which custom extension is called at which point."""

from collections.abc import Mapping, Sequence

from api.wire.configuration_shapes import ExtensionOut, ExtensionUseOut
from api.wire.strict import ById, StrictBody, member
from grantline.errors import InvalidInput
from grantline.model.callout import CalloutPoint, ExtensionUse

SETTINGS = "customExtensionStageSettings"


class StageSettingBody(StrictBody):
    """One of a policy's customExtensionStageSettings."""

    stage: str | None = None
    custom_extension: ById | None = None


def uses_in(bodies: Sequence[StageSettingBody]) -> tuple[ExtensionUse, ...]:
    """Read which extension is called when.

    Raises:
        InvalidInput: there is no such point, or no extension is named.
    """
    uses: list[ExtensionUse] = []
    for place, body in enumerate(bodies):
        path = f"{SETTINGS}/{place}"
        if body.stage is None:
            points = ", ".join(point.value for point in CalloutPoint)
            raise InvalidInput(f"Say when the extension is called: stage is one of {points}.", target=f"{path}/stage")
        if body.custom_extension is None or body.custom_extension.id is None:
            raise InvalidInput("Name the extension: customExtension.id.", target=f"{path}/customExtension/id")
        point = member(CalloutPoint, body.stage, f"{path}/stage", default=CalloutPoint.CREATED)
        uses.append(ExtensionUse(point=point, extension_id=body.custom_extension.id))
    return tuple(uses)


def uses_out(uses: Sequence[ExtensionUse], shown: Mapping[str, ExtensionOut]) -> list[ExtensionUseOut]:
    """Show which extension is called when; `shown` are extensions by id, for those that are expanded."""
    return [
        {
            "id": f"{use.extension_id}_{use.point.value}",
            "stage": use.point.value,
            "customExtension": shown.get(use.extension_id) or {"id": use.extension_id},
        }
        for use in uses
    ]
