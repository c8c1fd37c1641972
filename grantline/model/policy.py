"""Assignment policies: who may be assigned, who may ask, who approves, how long it lasts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from grantline.model.callout import ExtensionUse
from grantline.model.question import Question
from grantline.model.subjects import SubjectSet


class TargetScope(StrEnum):
    """Who may be assigned under a policy, in Graph's words.

    `SPECIFIC` takes the policy's `specific_allowed_targets`; `NOT_SPECIFIED`
    means nobody by request, administrators only.
    """

    NOT_SPECIFIED = "notSpecified"
    SPECIFIC = "specificDirectoryUsers"
    ALL_MEMBERS = "allMemberUsers"
    ALL_USERS = "allDirectoryUsers"


class ExpirationType(StrEnum):
    """How an end is given."""

    NOT_SPECIFIED = "notSpecified"
    NO_EXPIRATION = "noExpiration"
    AFTER_DATE_TIME = "afterDateTime"
    AFTER_DURATION = "afterDuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiration:
    """When access ends: never, at an instant, or a duration after delivery begins."""

    type: ExpirationType = ExpirationType.NO_EXPIRATION
    end_at: datetime | None = None
    duration: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestorSettings:
    """The six switches, the custom-schedule switch and the on-behalf list.

    "Targets to self" switches are about asking for oneself, "on behalf"
    switches about the people in `on_behalf_requestors`, resolved against the
    target. An empty list means nobody.
    """

    allow_custom_schedule: bool = False
    self_add: bool = False
    self_update: bool = False
    self_remove: bool = False
    on_behalf_add: bool = False
    on_behalf_update: bool = False
    on_behalf_remove: bool = False
    on_behalf_requestors: tuple[SubjectSet, ...] = ()


class ApproverVisibility(StrEnum):
    """Whether requestor and target learn who approves; `DEFAULT` leaves it to the installation's setting."""

    DEFAULT = "default"
    VISIBLE = "visible"
    NOT_VISIBLE = "notVisible"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSettings:
    """One approval stage as an administrator configured it.

    Escalation: once `escalates_after` of its time has passed, the alternates may
    decide too. Without the switch what is said about it is kept, and does nothing.
    `reminders` are durations before the deadline; None takes the usual ones.
    `determined_by` is the custom extension that says who decides; the primary
    approvers are then empty.
    """

    deadline: timedelta = timedelta(days=14)
    is_approver_justification_required: bool = False
    approver_visibility: ApproverVisibility = ApproverVisibility.DEFAULT
    reminders: tuple[timedelta, ...] | None = None
    primary_approvers: tuple[SubjectSet, ...] = ()
    fallback_approvers: tuple[SubjectSet, ...] = ()
    is_escalation_enabled: bool = False
    escalates_after: timedelta = timedelta(0)
    escalation_approvers: tuple[SubjectSet, ...] = ()
    fallback_escalation_approvers: tuple[SubjectSet, ...] = ()
    determined_by: str | None = None


class ApproverIsRequestor(StrEnum):
    """What happens when the one who would approve is the one who asks."""

    NEXT_MANAGER = "nextManager"
    FALLBACK = "fallback"
    COUNT_AS_APPROVED = "countAsApproved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalSettings:
    """Whether and by whom a request must be approved."""

    is_required_for_add: bool = False
    is_required_for_update: bool = False
    is_requestor_justification_required: bool = False
    approver_is_requestor: ApproverIsRequestor = ApproverIsRequestor.NEXT_MANAGER
    stages: tuple[StageSettings, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One assignment policy of one access package.

    `questions` are in the order in which they are asked, `extensions` whom to
    call at which point. `kept` holds, under
    Graph's names, settings that judgement does not read and that are given
    back as they came; mail and notices heed `notificationSettings`.
    """

    id: str
    package_id: str
    display_name: str
    description: str = ""
    target_scope: TargetScope = TargetScope.NOT_SPECIFIED
    specific_allowed_targets: tuple[SubjectSet, ...] = ()
    requestor_settings: RequestorSettings = RequestorSettings()
    approval_settings: ApprovalSettings = ApprovalSettings()
    expiration: Expiration = Expiration()
    questions: tuple[Question, ...] = ()
    extensions: tuple[ExtensionUse, ...] = ()
    kept: Mapping[str, object] = field(default_factory=dict)
    created_at: datetime
    modified_at: datetime
