"""Switches that hold for everybody; administrators turn them while Grantline runs."""

from dataclasses import dataclass

CONTROLS_ID = "controls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What is switched on.

    `managers_see_reports_access`: managers see what their direct reports hold
    and ask for; off, they see what they themselves asked for and nothing else.
    `shows_approvers`: requestor and target learn who approves, where the
    policy's stage leaves it to the default.
    """

    id: str = CONTROLS_ID
    managers_see_reports_access: bool = True
    shows_approvers: bool = True
