"""Every way Grantline refuses or fails, as one tree.

    GrantlineError
    ├── Refused                     the caller can do something about it
    │   ├── InvalidInput            400  the request itself is wrong
    │   │   ├── JustificationRequired
    │   │   ├── PolicyRequired
    │   │   ├── ScheduleNotAllowed
    │   │   ├── InvalidSchedule
    │   │   ├── UnknownQuestion
    │   │   ├── AnswerRequired
    │   │   └── InvalidAnswer
    │   ├── Unauthenticated         401
    │   ├── NotAllowed              403  well-formed, but not for this caller
    │   │   ├── PermissionMissing
    │   │   ├── RequestorDisabled
    │   │   ├── TargetDisabled
    │   │   ├── NotRequestable
    │   │   ├── SelfRequestNotAllowed
    │   │   ├── OnBehalfNotAllowed
    │   │   ├── NotYourReport
    │   │   ├── TargetOutOfScope
    │   │   ├── RemovalNotAllowed
    │   │   ├── ExtensionNotAllowed
    │   │   ├── OwnRequest
    │   │   └── NotAnApprover
    │   ├── NotFound                404  absent, or not for the caller's eyes
    │   ├── Conflict                409  right once, but not in this state
    │   │   ├── DuplicateRequest
    │   │   ├── AlreadyAssigned
    │   │   ├── IncompatibleAccess
    │   │   ├── AlreadyDecided
    │   │   ├── DeadlinePassed
    │   │   ├── RequestClosed
    │   │   ├── NotCancellable
    │   │   ├── AssignmentEnded
    │   │   ├── NameTaken
    │   │   ├── InUse
    │   │   └── IdempotencyConflict
    │   ├── TooManyRequests         429  later
    │   └── NotSupported            501  Graph has it, Grantline does not offer it
    ├── Unavailable                 503  a part we need is down; retry later
    ├── ConnectorError              a target system did not do as asked
    │   ├── TryAgain                     temporary
    │   │   └── WaitsForPerson                   until somebody has done it by hand
    │   └── TargetRefused                for good
    ├── MailError                   a piece of mail was not taken
    │   ├── MailDeferred                 for now
    │   └── MailBounced                  for good
    ├── CalloutNotTaken             a custom extension did not take a call
    └── SetupError                  a command cannot start; one line for a person

`code` is what a program matches on (the `error.code` of a Graph answer and
the type of a Temporal failure), `status` the HTTP status, `retryable` whether
doing the very same again may succeed. The message is for a person: it names
what was asked and what would be right.
"""

from datetime import timedelta
from typing import ClassVar


class GrantlineError(Exception):
    """Base of all our errors; `target` names the offending field, if one does."""

    code: ClassVar[str] = "generalException"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, target: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.target = target


class Refused(GrantlineError):
    """The caller can do something about it."""


class InvalidInput(Refused):
    """The request itself is malformed or incomplete."""

    code = "invalidRequest"
    status = 400


class JustificationRequired(InvalidInput):
    """The policy wants a reason and none was given."""

    code = "justificationRequired"


class PolicyRequired(InvalidInput):
    """Several policies apply equally; the caller must name one."""

    code = "policyRequired"


class ScheduleNotAllowed(InvalidInput):
    """The policy does not let requestors choose their own times."""

    code = "scheduleNotAllowed"


class InvalidSchedule(InvalidInput):
    """The times asked for contradict each other or the policy."""

    code = "invalidSchedule"


class UnknownQuestion(InvalidInput):
    """An answer to what the policy does not ask."""

    code = "unknownQuestion"


class AnswerRequired(InvalidInput):
    """The policy wants an answer that was not given."""

    code = "answerRequired"


class InvalidAnswer(InvalidInput):
    """An answer is not of the kind that its question takes."""

    code = "invalidAnswer"


class Unauthenticated(Refused):
    """No token, or one we do not accept."""

    code = "unauthenticated"
    status = 401


class NotAllowed(Refused):
    """Well-formed, but not for this caller."""

    code = "accessDenied"
    status = 403


class PermissionMissing(NotAllowed):
    """The token does not let its bearer do this; `sufficient` names the permissions of which one would be enough."""

    code = "permissionMissing"

    def __init__(self, message: str, *, sufficient: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.sufficient = sufficient


class RequestorDisabled(NotAllowed):
    """A blocked account asks for nothing."""

    code = "requestorDisabled"


class TargetDisabled(NotAllowed):
    """A blocked account is given nothing."""

    code = "targetDisabled"


class NotRequestable(NotAllowed):
    """The package, its catalog or its policies are not open for requests."""

    code = "notRequestable"


class SelfRequestNotAllowed(NotAllowed):
    """The policy does not let targets ask for themselves."""

    code = "selfRequestNotAllowed"


class OnBehalfNotAllowed(NotAllowed):
    """The policy does not let anyone ask on behalf of the target."""

    code = "onBehalfNotAllowed"


class NotYourReport(NotAllowed):
    """The policy allows on-behalf requests, but not by this requestor for this target."""

    code = "notYourReport"


class TargetOutOfScope(NotAllowed):
    """The policy does not cover the person who would get the access."""

    code = "targetOutOfScope"


class RemovalNotAllowed(NotAllowed):
    """The policy does not let this caller end the assignment."""

    code = "removalNotAllowed"


class ExtensionNotAllowed(NotAllowed):
    """The policy does not let this caller move the assignment's end."""

    code = "extensionNotAllowed"


class OwnRequest(NotAllowed):
    """Neither requestor nor target ever decides."""

    code = "ownRequest"


class NotAnApprover(NotAllowed):
    """The caller is not among the approvers of the open stage."""

    code = "notAnApprover"


class NotFound(Refused):
    """Absent, or not for the caller's eyes: the two look alike."""

    code = "itemNotFound"
    status = 404


class Conflict(Refused):
    """Right in another state of things."""

    code = "conflict"
    status = 409


class DuplicateRequest(Conflict):
    """One open request per package and target."""

    code = "duplicateRequest"


class AlreadyAssigned(Conflict):
    """The target holds the package already."""

    code = "alreadyAssigned"


class IncompatibleAccess(Conflict):
    """Separation of duties: the target has, or asks for, what the package excludes."""

    code = "incompatibleAccess"


class AlreadyDecided(Conflict):
    """The first decision of a stage won; the message names it."""

    code = "alreadyDecided"


class DeadlinePassed(Conflict):
    """The stage's time was up before this decision came."""

    code = "deadlinePassed"


class RequestClosed(Conflict):
    """The request has ended; nothing about it can change."""

    code = "requestClosed"


class NotCancellable(Conflict):
    """The request has gone too far to be cancelled."""

    code = "notCancellable"


class AssignmentEnded(Conflict):
    """The assignment has ended or is ending already."""

    code = "assignmentEnded"


class NameTaken(Conflict):
    """Another object has this name."""

    code = "nameAlreadyExists"


class InUse(Conflict):
    """Something still depends on what was to be deleted."""

    code = "inUse"


class IdempotencyConflict(Conflict):
    """The same idempotency key came with another body."""

    code = "idempotencyConflict"


class TooManyRequests(Refused):
    """One caller called too often; `retry_after` says in how many seconds the next call is taken."""

    code = "activityLimitReached"
    status = 429
    retryable = True

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotSupported(Refused):
    """Microsoft Graph has this; Grantline does not offer it."""

    code = "notSupported"
    status = 501


class Unavailable(GrantlineError):
    """A part we need is down. Nothing was half done; the same again may succeed."""

    code = "serviceNotAvailable"
    status = 503
    retryable = True


class ConnectorError(GrantlineError):
    """A target system did not do as asked."""

    code = "connectorError"
    status = 502


class TryAgain(ConnectorError):
    """Temporary. `after` is the least time to wait, if the target said."""

    code = "connectorTryAgain"
    retryable = True

    def __init__(self, message: str, *, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


class WaitsForPerson(TryAgain):
    """Somebody does this by hand, and has not yet; trying again is no use before they have."""

    code = "waitsForPerson"


class TargetRefused(ConnectorError):
    """The target system will never do this as asked."""

    code = "connectorRefused"


class MailError(GrantlineError):
    """A mail server did not take a piece of mail."""

    code = "mailError"
    status = 502


class MailDeferred(MailError):
    """Not now: the server is busy, or wants to see whether we come again."""

    code = "mailDeferred"
    retryable = True


class MailBounced(MailError):
    """The server will never take this for this address."""

    code = "mailBounced"


class CalloutNotTaken(GrantlineError):
    """A custom extension's endpoint gave no answer, or not the one that says it took the call."""

    code = "calloutNotTaken"
    status = 502
    retryable = True


class SetupError(GrantlineError):
    """A command cannot start; the message is one line for a person."""

    code = "setupError"
