"""customCalloutExtension on the wire, its use in policies, its calls on requests, and the answers to them.

Our own members: `callbackConfiguration.onTimeout`, what silence means (deny,
which is the default, or continue); and in an answer `approvalRequired`, false
where nobody need decide.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import Field, model_validator

from api.wire.base import Body, Guid, Name, Text, Truth, odata_type
from api.wire.configuration_shapes import CallbackOut, ExtensionOut
from api.wire.durations import Duration, written
from api.wire.policies import StageBody
from api.wire.shapes import CalloutInstanceOut
from api.wire.strict import StrictBody, member, refuse_members
from grantline.errors import InvalidInput, NotSupported
from grantline.model.callout import (
    Callout,
    CalloutPoint,
    CustomExtension,
    DeliveryState,
    ExtensionKind,
    HoldState,
    OnTimeout,
)
from grantline.services.sending.callbacks import STAGE_PATH, Answer

PREFIX = "#microsoft.graph."
PLAIN_CALLBACK = "customExtensionCallbackConfiguration"
STAGE_CALLBACK = "accessPackageRequestApprovalStageCallbackConfiguration"
DECISIONS = {"denied", "canceled"}
"""What `state` of an answer may say to end the request; Graph has both, and both deny."""


class _Endpoint(StrictBody):
    odata_type: str | None = Field(default=None, alias="@odata.type")
    target_url: str | None = None
    url: str | None = None
    subscription_id: Any = None
    resource_group_name: Any = None
    logic_app_workflow_name: Any = None

    def read(self) -> str:
        kind = odata_type(self.odata_type or "httpRequestEndpoint")
        if kind.lower() != "httprequestendpoint":
            raise NotSupported(
                f"endpointConfiguration {kind} is not offered; use httpRequestEndpoint with targetUrl.",
                target="endpointConfiguration",
            )
        if not self.target_url:
            raise InvalidInput(
                "Name the endpoint: endpointConfiguration.targetUrl.", target="endpointConfiguration/targetUrl"
            )
        return self.target_url


class _Callback(StrictBody):
    odata_type: str | None = Field(default=None, alias="@odata.type")
    timeout_duration: Duration | None = None
    duration_before_timeout: Duration | None = None
    on_timeout: str | None = None

    def read(self) -> dict[str, Any]:
        kind = odata_type(self.odata_type or PLAIN_CALLBACK)
        kinds = {PLAIN_CALLBACK.lower(): False, STAGE_CALLBACK.lower(): True}
        if kind.lower() not in kinds:
            raise InvalidInput(
                f"callbackConfiguration is a {PLAIN_CALLBACK} or a {STAGE_CALLBACK}, not {kind[:80]!r}.",
                target="callbackConfiguration/@odata.type",
            )
        waits_for = self.duration_before_timeout if self.timeout_duration is None else self.timeout_duration
        if waits_for is None:
            raise InvalidInput(
                "callbackConfiguration needs timeoutDuration, how long the answer is awaited, such as PT1H.",
                target="callbackConfiguration/timeoutDuration",
            )
        on_timeout = member(OnTimeout, self.on_timeout, "callbackConfiguration.onTimeout", default=OnTimeout.DENY)
        return {"waits_for": waits_for, "names_approvers": kinds[kind.lower()], "on_timeout": on_timeout}


class ExtensionBody(StrictBody):
    """The body of POST, PATCH and PUT customWorkflowExtensions, bare or in `value`, as some clients wrap it."""

    read_only: ClassVar[frozenset[str]] = StrictBody.read_only | {"lastmodifieddatetime", "createdby", "lastmodifiedby"}

    odata_type: str | None = Field(default=None, alias="@odata.type")
    display_name: Name | None = None
    description: Text | None = None
    endpoint_configuration: _Endpoint | None = None
    callback_configuration: _Callback | None = None
    authentication_configuration: dict[str, Any] | None = None
    client_configuration: dict[str, Any] | None = None

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"value"} and isinstance(value["value"], dict):
            return value["value"]
        return value

    def read(self) -> dict[str, Any]:
        """Return what was sent, as the configuration service takes it.

        Raises:
            InvalidInput: a member is not what it should be.
            NotSupported: another endpoint than a plain one, another way to prove who calls than the signature.
        """
        refuse_members(
            "A custom extension, whose calls are signed and tried again as docs/custom-extensions.md says,",
            {
                "authenticationConfiguration": self.authentication_configuration,
                "clientConfiguration": self.client_configuration,
            },
        )
        given: dict[str, Any] = {}
        if self.odata_type is not None:
            given["kind"] = member(
                ExtensionKind, odata_type(self.odata_type), "@odata.type", default=ExtensionKind.REQUEST
            )
        if self.display_name is not None:
            given["display_name"] = self.display_name
        if "description" in self.model_fields_set:
            given["description"] = self.description or ""
        if self.endpoint_configuration is not None:
            given["url"] = self.endpoint_configuration.read()
        if self.callback_configuration is not None:
            given |= self.callback_configuration.read()
        elif "callback_configuration" in self.model_fields_set:
            given |= {"waits_for": None, "names_approvers": False}
        return given


def extension_out(extension: CustomExtension) -> ExtensionOut:
    """Show an extension; nothing secret belongs to it."""
    return {
        "@odata.type": PREFIX + extension.kind.value,
        "id": extension.id,
        "displayName": extension.display_name,
        "description": extension.description,
        "createdDateTime": extension.created_at,
        "lastModifiedDateTime": extension.modified_at,
        "clientConfiguration": None,
        "authenticationConfiguration": None,
        "endpointConfiguration": {"@odata.type": f"{PREFIX}httpRequestEndpoint", "targetUrl": extension.url},
        "callbackConfiguration": _callback_out(extension),
    }


def _callback_out(extension: CustomExtension) -> CallbackOut | None:
    if extension.waits_for is None:
        return None
    return {
        "@odata.type": PREFIX + (STAGE_CALLBACK if extension.names_approvers else PLAIN_CALLBACK),
        "timeoutDuration": written(extension.waits_for),
        "onTimeout": extension.on_timeout,
    }


def instances_out(calls: Iterable[Callout]) -> list[CalloutInstanceOut]:
    """Show what was called about a request, and what came of it."""
    return [
        {
            "id": one.id,
            "customExtensionId": one.extension_id,
            "externalCorrelationId": None,
            "status": _status(one),
            "detail": one.detail,
        }
        for one in calls
    ]


def _status(one: Callout) -> str | None:
    """Say in Graph's words where a call is; it has none for one that is owed and not yet made."""
    if one.hold is HoldState.OPEN:
        return "waitingForCallback"
    if one.hold in (HoldState.RESUMED, HoldState.DENIED):
        return "callbackReceived"
    if one.hold is HoldState.TIMED_OUT:
        return "callbackTimedOut"
    delivered: Mapping[DeliveryState, str | None] = {
        DeliveryState.SENT: "calloutSent",
        DeliveryState.FAILED: "calloutFailed",
        DeliveryState.WAITING: None,
    }
    return delivered[one.delivery]


class _AnswerData(Body):
    odata_type: str | None = Field(default=None, alias="@odata.type")
    stage: str | None = None
    custom_extension_stage_instance_id: Guid | None = None
    custom_extension_stage_instance_detail: Text | None = None
    state: str | None = None
    approval_stage: StageBody | None = None
    approval_required: Truth | None = None


class AnswerBody(Body):
    """The body of POST assignmentRequests/{id}/resume."""

    source: Text | None = None
    type: Text | None = None
    data: _AnswerData | None = None

    def read(self) -> Answer:
        """Return what is said.

        Raises:
            InvalidInput: it does not say to which call, or something it cannot say.
        """
        data = self.data or _AnswerData()
        if data.custom_extension_stage_instance_id is None:
            raise InvalidInput(
                "Say which callout is answered: data.customExtensionStageInstanceId, as it came with the call.",
                target="data/customExtensionStageInstanceId",
            )
        state = (data.state or "").strip().lower()
        if state and state not in DECISIONS:
            raise InvalidInput(
                f"data.state is denied, or is left out to let the request go on; not {data.state!r}.",
                target="data/state",
            )
        stage = data.approval_stage.read(STAGE_PATH) if data.approval_stage else None
        if data.approval_required is True and stage is None:
            raise InvalidInput("Approval is required: say by whom, in data.approvalStage.", target=STAGE_PATH)
        return Answer(
            callout_id=data.custom_extension_stage_instance_id,
            point=member(CalloutPoint, data.stage, "data.stage", default=CalloutPoint.CREATED) if data.stage else None,
            is_denied=bool(state),
            detail=data.custom_extension_stage_instance_detail,
            stage=stage,
            needs_nobody=data.approval_required is False,
        )
