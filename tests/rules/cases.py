"""Cases for the rules: Mia asks for Leo, and whatever a row changes about that."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from grantline.errors import Refused
from grantline.model.catalog import AccessPackage, Catalog
from grantline.model.policy import Policy, RequestorSettings, TargetScope
from grantline.model.request import Ask, RequestType
from grantline.model.subjects import TargetManager
from grantline.rules.case import Case
from grantline.rules.judgement import judge
from tests.cast import LEO, LONG_AGO, MAX, MIA, fixed_id

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CATALOG = Catalog(id=fixed_id("finance"), display_name="Finance", created_at=LONG_AGO, modified_at=LONG_AGO)
PAYROLL = AccessPackage(
    id=fixed_id("payroll"), catalog_id=CATALOG.id, display_name="Payroll", created_at=LONG_AGO, modified_at=LONG_AGO
)


def policy(name: str = "Staff", **changes: Any) -> Policy:
    """Return a policy under which everybody may ask for themselves, and direct managers for their reports."""
    usual = Policy(
        id=fixed_id(f"policy {name}"),
        package_id=PAYROLL.id,
        display_name=name,
        target_scope=TargetScope.ALL_MEMBERS,
        requestor_settings=requestors(),
        created_at=LONG_AGO,
        modified_at=LONG_AGO,
    )
    return replace(usual, **changes)


def requestors(**changes: Any) -> RequestorSettings:
    """Return the usual requestor settings, with changes."""
    usual = RequestorSettings(self_add=True, on_behalf_add=True, on_behalf_requestors=(TargetManager(manager_level=1),))
    return replace(usual, **changes)


def case(*policies: Policy, **changes: Any) -> Case:
    """Return the case of Mia asking for Leo under these policies (none given: the usual one), with changes."""
    usual = Case(
        now=NOW,
        ask=Ask(type=RequestType.USER_ADD, package_id=PAYROLL.id, target_id=LEO.id),
        requestor=MIA,
        may_assign=False,
        target=LEO,
        managers=(MIA, MAX),
        memberships=frozenset(),
        package=PAYROLL,
        catalog=CATALOG,
        policies=policies or (policy(),),
    )
    return replace(usual, **changes)


def ask(**changes: Any) -> Ask:
    """Return the usual ask, with changes."""
    return replace(Ask(type=RequestType.USER_ADD, package_id=PAYROLL.id, target_id=LEO.id), **changes)


def refusal(case_: Case) -> Refused | None:
    """Return why the case is refused, or None."""
    try:
        judge(case_)
    except Refused as refused:
        return refused
    return None
