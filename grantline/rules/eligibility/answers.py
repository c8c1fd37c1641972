"""A policy can ask questions; who asks for others answers for them (EF-038, EF-055)."""

from grantline.errors import Refused
from grantline.model.policy import Policy
from grantline.rules.answering import objection
from grantline.rules.case import Case

ID = "answers"


def judge(case: Case, policy: Policy) -> Refused | None:
    """Object to answers that are missing, wrong, or to what nobody asked."""
    return objection(policy.questions, case.ask.answers)
