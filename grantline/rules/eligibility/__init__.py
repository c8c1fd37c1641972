"""The checks asked of every request, one file each, none knowing another.

A check has an `ID` and a `judge` that returns a refusal or None. Those of the
case need no policy. Those of `WHO` say which policies the requestor may use
for this target; the rest is asked of the one policy chosen. Who may ask comes
before what is already there, so that nobody learns of others' requests.
"""

from collections.abc import Callable
from types import ModuleType

from grantline.errors import Refused
from grantline.model.policy import Policy
from grantline.rules.case import Case
from grantline.rules.eligibility import (
    already_assigned,
    answers,
    direct_assignment,
    in_scope,
    justification,
    on_behalf,
    open_request,
    requestable,
    requestor_enabled,
    schedule,
    self_request,
    separation_of_duties,
    target_enabled,
)

CaseCheck = Callable[[Case], Refused | None]
PolicyCheck = Callable[[Case, Policy], Refused | None]

FIRST: tuple[CaseCheck, ...] = (
    requestor_enabled.judge,
    direct_assignment.judge,
    target_enabled.judge,
    requestable.judge,
)
WHO: tuple[PolicyCheck, ...] = (in_scope.judge, self_request.judge, on_behalf.judge)
ALREADY: tuple[CaseCheck, ...] = (already_assigned.judge, open_request.judge, separation_of_duties.judge)
HOW: tuple[PolicyCheck, ...] = (justification.judge, answers.judge, schedule.judge)

IN_ORDER: tuple[ModuleType, ...] = (
    requestor_enabled,
    direct_assignment,
    target_enabled,
    requestable,
    in_scope,
    self_request,
    on_behalf,
    already_assigned,
    open_request,
    separation_of_duties,
    justification,
    answers,
    schedule,
)
