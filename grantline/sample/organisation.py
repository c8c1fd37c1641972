"""What the fictional company has to give, and on which terms: each package shows something else.

Payroll reports         a manager asks for a report; the owner of the resource approves; 180 days
Expense approval        whoever manages the target approves; the next manager up, when that is who asks
Quarter close           the members of a group approve; ends at a date
Data warehouse          only for oneself, only for two departments; 90 days, times of one's own choosing
Source code             no approval; never ends
Production access       also the manager's manager may ask; security approves, with a reason; 8 hours
New starter             only by the manager; several roles at once; no approval
Remote access           shares a role with New starter; ends only when the last reason for it is gone
Board documents         by administrators only
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from grantline.model.policy import (
    ApprovalSettings,
    Expiration,
    ExpirationType,
    RequestorSettings,
    StageSettings,
    TargetScope,
)
from grantline.model.subjects import GroupMembers, RequestorManager, SingleUser, SubjectSet, TargetManager

DOMAIN = "harbourpine.example"
ADMINISTRATOR = f"ada.king@{DOMAIN}"
MANAGER = f"mia.lind@{DOMAIN}"
APPROVER = f"bob.stone@{DOMAIN}"
FIRST_PACKAGE = "Payroll reports"
FIRST_GROUP = "Payroll readers"


def sample_id(kind: str, name: str) -> str:
    """Return the id of something in the sample: the same on every machine."""
    return str(uuid5(NAMESPACE_URL, f"https://{DOMAIN}/{kind}/{name}"))


def person_id(user_name: str) -> str:
    """Return the id of one of the sample's people."""
    return sample_id("person", user_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleGroup:
    """A group and who is in it from the start, by the part of their names before the @."""

    name: str
    description: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePolicy:
    """A policy, in the terms of the model."""

    name: str
    scope: TargetScope = TargetScope.ALL_MEMBERS
    targets: tuple[SubjectSet, ...] = ()
    requestors: RequestorSettings
    approval: ApprovalSettings = field(default_factory=ApprovalSettings)
    expiration: Expiration = field(default_factory=Expiration)


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePackage:
    """A package, the groups it makes one a member of, and its policies."""

    name: str
    catalog: str
    description: str
    groups: tuple[str, ...]
    policies: tuple[SamplePolicy, ...]
    is_hidden: bool = False


def _user(name: str) -> SingleUser:
    return SingleUser(user_id=person_id(f"{name}@{DOMAIN}"))


def _group(name: str) -> GroupMembers:
    return GroupMembers(group_id=sample_id("group", name))


def _lasts(**duration: float) -> Expiration:
    return Expiration(type=ExpirationType.AFTER_DURATION, duration=timedelta(**duration))


def _approved_by(
    *approvers: SubjectSet,
    fallback: Sequence[SubjectSet] = (),
    days: int = 14,
    says_why: bool = False,
    asks_why: bool = True,
) -> ApprovalSettings:
    """Return one stage; `says_why`: the approver gives a reason, `asks_why`: the requestor does."""
    stage = StageSettings(
        deadline=timedelta(days=days),
        is_approver_justification_required=says_why,
        primary_approvers=approvers,
        fallback_approvers=tuple(fallback),
    )
    return ApprovalSettings(
        is_required_for_add=True,
        is_required_for_update=True,
        is_requestor_justification_required=asks_why,
        stages=(stage,),
    )


BY_MANAGER = RequestorSettings(
    self_remove=True, on_behalf_add=True, on_behalf_remove=True, on_behalf_requestors=(TargetManager(manager_level=1),)
)
BY_ANYBODY = RequestorSettings(
    self_add=True,
    self_update=True,
    self_remove=True,
    on_behalf_add=True,
    on_behalf_update=True,
    on_behalf_remove=True,
    on_behalf_requestors=(TargetManager(manager_level=1),),
)
BY_ONESELF = RequestorSettings(self_add=True, self_update=True, self_remove=True, allow_custom_schedule=True)
BY_TWO_LEVELS = RequestorSettings(
    self_add=True,
    self_remove=True,
    on_behalf_add=True,
    on_behalf_remove=True,
    on_behalf_requestors=(TargetManager(manager_level=2),),
)

CATALOGS = {
    "Finance": "Everything that touches money",
    "Engineering": "Code, data and machines",
    "Workplace": "What everybody needs to work",
}

GROUPS = (
    SampleGroup(name="Payroll readers", description="May read the payroll reports"),
    SampleGroup(
        name="Payroll owners", description="Answer for payroll data", members=("bob.stone", "bea.hart", "omar.saleh")
    ),
    SampleGroup(name="Expense approvers", description="May approve expense claims", members=("max.moor",)),
    SampleGroup(name="Quarter close", description="May post in the ledger while the books are closed"),
    SampleGroup(name="Ledger readers", description="May read the ledger", members=("omar.saleh",)),
    SampleGroup(name="Data warehouse analysts", description="May query the data warehouse", members=("chloe.weber",)),
    SampleGroup(name="Source code contributors", description="May push to the repositories"),
    SampleGroup(name="Production operators", description="May log in to production machines"),
    SampleGroup(name="Security team", description="Approve what is dangerous", members=("cy.frost", "mona.lys")),
    SampleGroup(name="Remote access users", description="May connect from outside"),
    SampleGroup(name="Mail and calendar users", description="Have a mailbox"),
    SampleGroup(name="Front door badges", description="May enter the building"),
    SampleGroup(name="Board documents readers", description="May read what the board reads", members=("nora.falk",)),
    SampleGroup(
        name="Finance department",
        description="Everybody in Finance",
        members=(
            *("max.moor", "mia.lind", "leo.park", "tess.okafor", "jon.reyes"),
            *("bob.stone", "bea.hart", "omar.saleh"),
        ),
    ),
    SampleGroup(
        name="Engineering department",
        description="Everybody in Engineering",
        members=(
            *("greta.holm", "sam.ito", "priya.nair", "luca.bianchi", "hana.suzuki", "finn.dahl"),
            *("zoe.martin", "ivan.petrov", "amara.diallo", "chloe.weber", "raj.patel"),
        ),
    ),
)

PACKAGES = (
    SamplePackage(
        name=FIRST_PACKAGE,
        catalog="Finance",
        description="Monthly payroll reports, read-only",
        groups=(FIRST_GROUP,),
        policies=(
            SamplePolicy(
                name="Managers ask for their reports",
                requestors=BY_MANAGER,
                approval=_approved_by(_user("bob.stone"), fallback=(_group("Payroll owners"),)),
                expiration=_lasts(days=180),
            ),
        ),
    ),
    SamplePackage(
        name="Expense approval",
        catalog="Finance",
        description="Approve the expense claims of a team",
        groups=("Expense approvers",),
        policies=(
            SamplePolicy(
                name="Approved up the line",
                requestors=BY_ANYBODY,
                approval=_approved_by(RequestorManager(manager_level=1), fallback=(_group("Payroll owners"),), days=7),
            ),
        ),
    ),
    SamplePackage(
        name="Quarter close",
        catalog="Finance",
        description="Post in the ledger while the books are closed",
        groups=("Quarter close", "Ledger readers"),
        policies=(
            SamplePolicy(
                name="Until the books are closed for good",
                scope=TargetScope.SPECIFIC,
                targets=(_group("Finance department"),),
                requestors=BY_ANYBODY,
                approval=_approved_by(_group("Payroll owners"), days=3),
                expiration=Expiration(
                    type=ExpirationType.AFTER_DATE_TIME, end_at=datetime(2030, 12, 31, 23, 59, 59, tzinfo=UTC)
                ),
            ),
        ),
    ),
    SamplePackage(
        name="Data warehouse",
        catalog="Engineering",
        description="Query the data warehouse",
        groups=("Data warehouse analysts",),
        policies=(
            SamplePolicy(
                name="Finance and Engineering, for oneself",
                scope=TargetScope.SPECIFIC,
                targets=(_group("Finance department"), _group("Engineering department")),
                requestors=BY_ONESELF,
                approval=_approved_by(RequestorManager(manager_level=1), fallback=(_user("chloe.weber"),)),
                expiration=_lasts(days=90),
            ),
        ),
    ),
    SamplePackage(
        name="Source code",
        catalog="Engineering",
        description="Push to the repositories",
        groups=("Source code contributors",),
        policies=(
            SamplePolicy(
                name="Engineers, at once",
                scope=TargetScope.SPECIFIC,
                targets=(_group("Engineering department"),),
                requestors=BY_ANYBODY,
            ),
        ),
    ),
    SamplePackage(
        name="Production access",
        catalog="Engineering",
        description="Log in to production machines for one shift",
        groups=("Production operators",),
        policies=(
            SamplePolicy(
                name="One shift, with a reason",
                scope=TargetScope.SPECIFIC,
                targets=(_group("Engineering department"),),
                requestors=BY_TWO_LEVELS,
                approval=_approved_by(_group("Security team"), fallback=(_user("ada.king"),), days=1, says_why=True),
                expiration=_lasts(hours=8),
            ),
        ),
    ),
    SamplePackage(
        name="New starter",
        catalog="Workplace",
        description="What a new colleague needs on the first day",
        groups=("Mail and calendar users", "Front door badges", "Remote access users"),
        policies=(SamplePolicy(name="Managers, for whoever starts", requestors=BY_MANAGER),),
    ),
    SamplePackage(
        name="Remote access",
        catalog="Workplace",
        description="Connect from outside",
        groups=("Remote access users",),
        policies=(
            SamplePolicy(
                name="Everybody, for a year",
                requestors=BY_ANYBODY,
                approval=_approved_by(
                    RequestorManager(manager_level=1), fallback=(_user("theo.brandt"),), asks_why=False
                ),
                expiration=_lasts(days=365),
            ),
        ),
    ),
    SamplePackage(
        name="Board documents",
        catalog="Workplace",
        description="Read what the board reads",
        groups=("Board documents readers",),
        is_hidden=True,
        policies=(
            SamplePolicy(name="Administrators only", scope=TargetScope.NOT_SPECIFIED, requestors=RequestorSettings()),
        ),
    ),
)
