"""What catalogs, resources, packages and policies look like; each may have the others in it, so all are here.

A member that may be left out is there if `$expand` asked for it.
"""

from datetime import datetime
from typing import NotRequired

from typing_extensions import TypedDict

from api.wire.shapes import ExpirationOut, Kept, PerhapsTyped, QuestionOut, ScheduleOut, Typed
from grantline.model.callout import OnTimeout
from grantline.model.catalog import CatalogState
from grantline.model.policy import ApproverIsRequestor, ApproverVisibility, TargetScope


class ByIdOut(TypedDict):
    """Another object, by its id."""

    id: str


class CatalogOut(TypedDict):
    """A catalog."""

    id: str
    displayName: str
    description: str
    catalogType: str
    state: CatalogState
    isExternallyVisible: bool
    createdDateTime: datetime
    modifiedDateTime: datetime
    accessPackages: NotRequired[list["PackageOut"]]


class ResourceRoleOut(TypedDict):
    """What one can be in a resource."""

    id: str
    displayName: str
    description: str | None
    originSystem: str
    originId: str
    resource: NotRequired["ResourceOut"]


class RootScopeOut(TypedDict):
    """The one scope that a resource has: the whole of it."""

    id: str
    displayName: str
    description: str
    originId: str
    originSystem: str
    isRootScope: bool


class ResourceOut(TypedDict):
    """A resource of a catalog."""

    id: str
    displayName: str
    description: str | None
    originId: str
    originSystem: str
    createdDateTime: datetime
    modifiedDateTime: datetime
    attributes: list[str]
    roles: NotRequired[list[ResourceRoleOut]]
    scopes: NotRequired[list[RootScopeOut]]
    environment: NotRequired[None]


class ResourceRequestOut(TypedDict):
    """How a resource came into a catalog or left it."""

    id: str
    requestType: str
    state: str
    createdDateTime: datetime
    catalog: NotRequired[CatalogOut | None]
    resource: NotRequired[ResourceOut]


class RoleScopeOut(TypedDict):
    """A resource role in a package."""

    id: str
    createdDateTime: datetime
    role: NotRequired[ResourceRoleOut]
    scope: NotRequired[RootScopeOut]


class AvailablePackageOut(TypedDict):
    """An access package, to whoever may ask for it."""

    id: str
    displayName: str
    description: str
    resourceRoleScopes: NotRequired[list[RoleScopeOut]]


class PackageOut(AvailablePackageOut):
    """An access package."""

    isHidden: bool
    createdDateTime: datetime
    modifiedDateTime: datetime
    catalog: NotRequired[CatalogOut]
    assignmentPolicies: NotRequired[list["PolicyOut"]]


class EndpointOut(Typed):
    """Where a custom extension is called."""

    targetUrl: str


class CallbackOut(Typed):
    """How long a custom extension's answer is awaited, and what silence means."""

    timeoutDuration: str
    onTimeout: OnTimeout


class ExtensionOut(Typed):
    """A custom extension."""

    id: str
    displayName: str
    description: str
    createdDateTime: datetime
    lastModifiedDateTime: datetime
    clientConfiguration: None
    authenticationConfiguration: None
    endpointConfiguration: EndpointOut
    callbackConfiguration: CallbackOut | None


class ExtensionUseOut(TypedDict):
    """Which custom extension is called at which point."""

    id: str
    stage: str
    customExtension: ExtensionOut | ByIdOut


class SubjectSetOut(Typed):
    """One entry of a list of people: somebody, the members of a group, or who stands in a relation to the person."""

    userId: NotRequired[str]
    groupId: NotRequired[str]
    managerLevel: NotRequired[int]
    description: NotRequired[str | None]


class StageSettingsOut(PerhapsTyped):
    """One approval stage; with `customExtension`, that says who decides."""

    durationBeforeAutomaticDenial: str
    isApproverJustificationRequired: bool
    isEscalationEnabled: bool
    durationBeforeEscalation: str
    primaryApprovers: list[SubjectSetOut]
    fallbackPrimaryApprovers: list[SubjectSetOut]
    escalationApprovers: list[SubjectSetOut]
    fallbackEscalationApprovers: list[SubjectSetOut]
    approverInformationVisibility: ApproverVisibility
    reminders: list[str] | None
    customExtension: NotRequired[ByIdOut]


class ApprovalSettingsOut(TypedDict):
    """Who must agree, for what."""

    isApprovalRequiredForAdd: bool
    isApprovalRequiredForUpdate: bool
    isRequestorJustificationRequired: bool
    approverIsRequestor: ApproverIsRequestor
    stages: list[StageSettingsOut]


class RequestorSettingsOut(TypedDict):
    """Who may ask, for what."""

    allowCustomAssignmentSchedule: bool
    enableTargetsToSelfAddAccess: bool
    enableTargetsToSelfUpdateAccess: bool
    enableTargetsToSelfRemoveAccess: bool
    enableOnBehalfRequestorsToAddAccess: bool
    enableOnBehalfRequestorsToUpdateAccess: bool
    enableOnBehalfRequestorsToRemoveAccess: bool
    onBehalfRequestors: list[SubjectSetOut]


class PolicyOut(TypedDict):
    """An assignment policy."""

    id: str
    displayName: str
    description: str
    allowedTargetScope: TargetScope
    specificAllowedTargets: list[SubjectSetOut]
    expiration: ExpirationOut
    requestorSettings: RequestorSettingsOut
    requestApprovalSettings: ApprovalSettingsOut
    reviewSettings: Kept
    automaticRequestSettings: Kept
    notificationSettings: Kept
    createdDateTime: datetime
    modifiedDateTime: datetime
    questions: NotRequired[list[QuestionOut]]
    customExtensionStageSettings: NotRequired[list[ExtensionUseOut]]
    accessPackage: NotRequired[PackageOut]
    catalog: NotRequired[CatalogOut]


class RequirementsOut(Typed):
    """What a policy wants of somebody who requests under it."""

    policyId: str
    policyDisplayName: str
    policyDescription: str
    isApprovalRequiredForAdd: bool
    isApprovalRequiredForUpdate: bool
    isRequestorJustificationRequired: bool
    allowCustomAssignmentSchedule: bool
    schedule: ScheduleOut
    questions: list[QuestionOut]
