"""A policy's row and the policy, each from the other.

The JSON column `settings` holds `targets`, `requestor`, `approval`,
`expiration`, `questions` and `extensions`, as `codec` writes the model's own types.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grantline.model.callout import ExtensionUse
from grantline.model.policy import ApprovalSettings, Expiration, Policy, RequestorSettings, TargetScope
from grantline.model.question import Question
from grantline.model.subjects import SubjectSet
from grantline.persistence.codec import from_json, to_json
from grantline.persistence.tables import policies

IS_ASSIGNMENT_MAIL_OFF = policies.c.settings[
    ("kept", "notificationSettings", "isAssignmentNotificationDisabled")
].as_boolean()
"""Whether the policy of a row wants no mail about assignments; null where it says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """What of a policy only judgement reads, and reads as a whole."""

    targets: tuple[SubjectSet, ...]
    requestor: RequestorSettings
    approval: ApprovalSettings
    expiration: Expiration
    questions: tuple[Question, ...] = ()
    extensions: tuple[ExtensionUse, ...] = ()
    kept: Mapping[str, object] = field(default_factory=dict)


def encode(policy: Policy) -> dict[str, Any]:
    """Return the column values of a policy's row."""
    settings = PolicySettings(
        targets=policy.specific_allowed_targets,
        requestor=policy.requestor_settings,
        approval=policy.approval_settings,
        expiration=policy.expiration,
        questions=policy.questions,
        extensions=policy.extensions,
        kept=policy.kept,
    )
    return {
        "id": policy.id,
        "package_id": policy.package_id,
        "display_name": policy.display_name,
        "description": policy.description,
        "target_scope": policy.target_scope.value,
        "settings": to_json(PolicySettings, settings),
        "created_at": policy.created_at,
        "modified_at": policy.modified_at,
    }


def decode(row: Any, prefix: str = "") -> Policy:
    """Build the policy from a row whose columns carry `prefix` before their names."""
    settings = from_json(PolicySettings, getattr(row, f"{prefix}settings"))
    return Policy(
        id=getattr(row, f"{prefix}id"),
        package_id=getattr(row, f"{prefix}package_id"),
        display_name=getattr(row, f"{prefix}display_name"),
        description=getattr(row, f"{prefix}description"),
        target_scope=TargetScope(getattr(row, f"{prefix}target_scope")),
        specific_allowed_targets=settings.targets,
        requestor_settings=settings.requestor,
        approval_settings=settings.approval,
        expiration=settings.expiration,
        questions=settings.questions,
        extensions=settings.extensions,
        kept=settings.kept,
        created_at=getattr(row, f"{prefix}created_at"),
        modified_at=getattr(row, f"{prefix}modified_at"),
    )
