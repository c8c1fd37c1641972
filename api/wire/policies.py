"""accessPackageAssignmentPolicy on the wire.

What was written is read back the same. What demands something that Grantline
does not do yet is refused with 501 and named; nothing is taken and ignored.
Our own members: `requestApprovalSettings.approverIsRequestor`, what happens
when the one who would approve is the one who asks; and a stage's `reminders`,
durations before its deadline (null: the usual ones).
"""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from api.wire.base import Guid, Instant, Name, Text, Truth
from api.wire.configuration_shapes import ApprovalSettingsOut, PolicyOut, RequestorSettingsOut, StageSettingsOut
from api.wire.durations import Duration, duration, written
from api.wire.policy_extras import AutomaticRequestSettings, NotificationSettings, ReviewSettings, kept_in
from api.wire.questions import questions_in
from api.wire.shapes import ExpirationOut, Kept
from api.wire.stage_settings import StageSettingBody, uses_in
from api.wire.strict import ById, StrictBody, member, one_reference
from api.wire.subjects import subjects_in, subjects_out
from grantline.errors import InvalidInput
from grantline.model.policy import (
    ApprovalSettings,
    ApproverIsRequestor,
    ApproverVisibility,
    Expiration,
    ExpirationType,
    Policy,
    RequestorSettings,
    StageSettings,
    TargetScope,
)

DYNAMIC_STAGE = "#microsoft.graph.accessPackageDynamicApprovalStage"
UNWRITTEN = datetime(1, 1, 1, tzinfo=UTC)
SCOPES_ELSEWHERE = (
    "specificConnectedOrganizationUsers",
    "specificDirectoryServicePrincipals",
    "allDirectoryServicePrincipals",
    "allConfiguredConnectedOrganizationUsers",
    "allExternalUsers",
    "allDirectoryAgentIdentities",
)
SWITCHES = {
    "allow_custom_assignment_schedule": "allow_custom_schedule",
    "enable_targets_to_self_add_access": "self_add",
    "enable_targets_to_self_update_access": "self_update",
    "enable_targets_to_self_remove_access": "self_remove",
    "enable_on_behalf_requestors_to_add_access": "on_behalf_add",
    "enable_on_behalf_requestors_to_update_access": "on_behalf_update",
    "enable_on_behalf_requestors_to_remove_access": "on_behalf_remove",
}
"""The wire's switches, and ours."""
Subjects = list[dict[str, Any]] | None


class _Expiration(StrictBody):
    type: str | None = None
    end_date_time: Instant | None = None
    duration: Duration | None = None

    def read(self) -> Expiration:
        if self.type is None and (self.end_date_time is not None or self.duration):
            raise InvalidInput(
                f"expiration.type is missing; it is one of {', '.join(kind.value for kind in ExpirationType)}.",
                target="expiration/type",
            )
        kind = member(ExpirationType, self.type, "expiration.type", default=ExpirationType.NOT_SPECIFIED)
        wants_duration = kind is ExpirationType.AFTER_DURATION
        return Expiration(
            type=kind, end_at=self.end_date_time, duration=self.duration if self.duration or wants_duration else None
        )


class _RequestorSettings(StrictBody):
    allow_custom_assignment_schedule: Truth | None = None
    enable_targets_to_self_add_access: Truth | None = None
    enable_targets_to_self_update_access: Truth | None = None
    enable_targets_to_self_remove_access: Truth | None = None
    enable_on_behalf_requestors_to_add_access: Truth | None = None
    enable_on_behalf_requestors_to_update_access: Truth | None = None
    enable_on_behalf_requestors_to_remove_access: Truth | None = None
    on_behalf_requestors: Subjects = None

    def read(self) -> RequestorSettings:
        switches = {ours: bool(getattr(self, theirs)) for theirs, ours in SWITCHES.items()}
        subjects = subjects_in("requestorSettings/onBehalfRequestors", self.on_behalf_requestors)
        return RequestorSettings(**switches, on_behalf_requestors=subjects)


class StageBody(StrictBody):
    """One approval stage. With `customExtension` it is an accessPackageDynamicApprovalStage: that says who decides."""

    duration_before_automatic_denial: Duration | None = None
    is_approver_justification_required: Truth | None = None
    is_escalation_enabled: Truth | None = None
    duration_before_escalation: Duration | None = None
    primary_approvers: Subjects = None
    fallback_primary_approvers: Subjects = None
    escalation_approvers: Subjects = None
    fallback_escalation_approvers: Subjects = None
    approver_information_visibility: str | None = None
    reminders: list[Duration] | None = None
    custom_extension: ById | None = None

    def read(self, path: str) -> StageSettings:
        """Return the stage; `path` is where it stands in the body."""
        deadline = self.duration_before_automatic_denial
        return StageSettings(
            deadline=StageSettings().deadline if deadline is None else deadline,
            is_approver_justification_required=bool(self.is_approver_justification_required),
            primary_approvers=subjects_in(f"{path}/primaryApprovers", self.primary_approvers),
            fallback_approvers=subjects_in(f"{path}/fallbackPrimaryApprovers", self.fallback_primary_approvers),
            approver_visibility=member(
                ApproverVisibility,
                self.approver_information_visibility,
                f"{path}/approverInformationVisibility",
                default=ApproverVisibility.DEFAULT,
            ),
            reminders=None if self.reminders is None else tuple(self.reminders),
            is_escalation_enabled=bool(self.is_escalation_enabled),
            escalates_after=self.duration_before_escalation or timedelta(0),
            escalation_approvers=subjects_in(f"{path}/escalationApprovers", self.escalation_approvers),
            fallback_escalation_approvers=subjects_in(
                f"{path}/fallbackEscalationApprovers", self.fallback_escalation_approvers
            ),
            determined_by=self.custom_extension.id if self.custom_extension else None,
        )


class _ApprovalSettings(StrictBody):
    is_approval_required_for_add: Truth | None = None
    is_approval_required_for_update: Truth | None = None
    is_requestor_justification_required: Truth | None = None
    approver_is_requestor: str | None = None
    stages: list[StageBody] | None = None

    def read(self) -> ApprovalSettings:
        path = "requestApprovalSettings"
        return ApprovalSettings(
            is_required_for_add=bool(self.is_approval_required_for_add),
            is_required_for_update=bool(self.is_approval_required_for_update),
            is_requestor_justification_required=bool(self.is_requestor_justification_required),
            approver_is_requestor=member(
                ApproverIsRequestor,
                self.approver_is_requestor,
                f"{path}.approverIsRequestor",
                default=ApproverIsRequestor.NEXT_MANAGER,
            ),
            stages=tuple(stage.read(f"{path}/stages/{place}") for place, stage in enumerate(self.stages or ())),
        )


class PolicyBody(StrictBody):
    """The body of POST and PUT assignmentPolicies."""

    display_name: Name | None = None
    description: Text | None = None
    allowed_target_scope: str | None = None
    specific_allowed_targets: Subjects = None
    expiration: _Expiration | None = None
    requestor_settings: _RequestorSettings | None = None
    request_approval_settings: _ApprovalSettings | None = None
    access_package: ById | None = None
    access_package_id: Guid | None = None
    catalog: ById | None = None
    review_settings: ReviewSettings | None = None
    automatic_request_settings: AutomaticRequestSettings | None = None
    notification_settings: NotificationSettings | None = None
    questions: list[dict[str, Any]] | None = None
    custom_extension_stage_settings: list[StageSettingBody] | None = None

    def read(self, *, needs_package: bool) -> Policy:
        """Return the policy as a draft, without id and stamps, and without package when none was named.

        Raises:
            InvalidInput: a member is missing or is not what it should be.
            NotSupported: it demands what Grantline does not do yet.
        """
        if self.display_name is None:
            raise InvalidInput("A policy needs displayName.", target="displayName")
        package_id = one_reference("accessPackage", self.access_package_id, self.access_package)
        if package_id is None and needs_package:
            raise InvalidInput("Name the access package: accessPackage.id.", target="accessPackage/id")
        return Policy(
            id="",
            package_id=package_id or "",
            display_name=self.display_name,
            description=self.description or "",
            target_scope=member(
                TargetScope,
                self.allowed_target_scope,
                "allowedTargetScope",
                elsewhere=SCOPES_ELSEWHERE,
                default=TargetScope.NOT_SPECIFIED,
            ),
            specific_allowed_targets=subjects_in("specificAllowedTargets", self.specific_allowed_targets),
            requestor_settings=(self.requestor_settings or _RequestorSettings()).read(),
            approval_settings=(self.request_approval_settings or _ApprovalSettings()).read(),
            expiration=self.expiration.read() if self.expiration else Expiration(),
            questions=questions_in(self.questions or ()),
            extensions=uses_in(self.custom_extension_stage_settings or ()),
            kept=kept_in(self.review_settings, self.automatic_request_settings, self.notification_settings),
            created_at=UNWRITTEN,
            modified_at=UNWRITTEN,
        )


def policy_out(policy: Policy) -> PolicyOut:
    """Show a policy; what `$expand` adds is not in it, and so are its questions."""
    return {
        "id": policy.id,
        "displayName": policy.display_name,
        "description": policy.description,
        "allowedTargetScope": policy.target_scope,
        "specificAllowedTargets": subjects_out(policy.specific_allowed_targets),
        "expiration": expiration_out(policy.expiration),
        "requestorSettings": _requestor_settings_out(policy.requestor_settings),
        "requestApprovalSettings": _approval_settings_out(policy.approval_settings),
        "reviewSettings": _kept(policy, "reviewSettings"),
        "automaticRequestSettings": _kept(policy, "automaticRequestSettings"),
        "notificationSettings": _kept(policy, "notificationSettings"),
        "createdDateTime": policy.created_at,
        "modifiedDateTime": policy.modified_at,
    }


def _kept(policy: Policy, name: str) -> Kept:
    return cast("Kept", policy.kept.get(name))


def expiration_out(expiration: Expiration) -> ExpirationOut:
    """Show when access ends."""
    return {
        "endDateTime": expiration.end_at,
        "duration": duration(expiration.duration),
        "type": expiration.type,
    }


def _requestor_settings_out(settings: RequestorSettings) -> RequestorSettingsOut:
    return {
        "allowCustomAssignmentSchedule": settings.allow_custom_schedule,
        "enableTargetsToSelfAddAccess": settings.self_add,
        "enableTargetsToSelfUpdateAccess": settings.self_update,
        "enableTargetsToSelfRemoveAccess": settings.self_remove,
        "enableOnBehalfRequestorsToAddAccess": settings.on_behalf_add,
        "enableOnBehalfRequestorsToUpdateAccess": settings.on_behalf_update,
        "enableOnBehalfRequestorsToRemoveAccess": settings.on_behalf_remove,
        "onBehalfRequestors": subjects_out(settings.on_behalf_requestors),
    }


def _approval_settings_out(settings: ApprovalSettings) -> ApprovalSettingsOut:
    return {
        "isApprovalRequiredForAdd": settings.is_required_for_add,
        "isApprovalRequiredForUpdate": settings.is_required_for_update,
        "isRequestorJustificationRequired": settings.is_requestor_justification_required,
        "approverIsRequestor": settings.approver_is_requestor,
        "stages": [_stage_out(stage) for stage in settings.stages],
    }


def _stage_out(stage: StageSettings) -> StageSettingsOut:
    shown: StageSettingsOut = {
        "durationBeforeAutomaticDenial": written(stage.deadline),
        "isApproverJustificationRequired": stage.is_approver_justification_required,
        "isEscalationEnabled": stage.is_escalation_enabled,
        "durationBeforeEscalation": written(stage.escalates_after),
        "primaryApprovers": subjects_out(stage.primary_approvers),
        "fallbackPrimaryApprovers": subjects_out(stage.fallback_approvers),
        "escalationApprovers": subjects_out(stage.escalation_approvers),
        "fallbackEscalationApprovers": subjects_out(stage.fallback_escalation_approvers),
        "approverInformationVisibility": stage.approver_visibility,
        "reminders": None if stage.reminders is None else [written(one) for one in stage.reminders],
    }
    if stage.determined_by is None:
        return shown
    return {**shown, "@odata.type": DYNAMIC_STAGE, "customExtension": {"id": stage.determined_by}}
