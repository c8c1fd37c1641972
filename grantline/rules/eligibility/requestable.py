"""A package is requestable until it is retired, while its catalog is published and a policy lets somebody ask.

Hidden packages are requestable too, by those who know the id (AP-7).
Administrators assign from unpublished catalogs as well: publishing is about
requests (CAT-3).
"""

from grantline.errors import NotRequestable, Refused
from grantline.model.catalog import CatalogState
from grantline.model.policy import Policy, TargetScope
from grantline.rules.case import Case
from grantline.rules.times import iso

ID = "requestable"


def judge(case: Case) -> Refused | None:
    """Object when nobody at all could ask for the package."""
    package = case.package.display_name
    if case.package.retired_at is not None:
        return NotRequestable(
            f"'{package}' is retired since {iso(case.package.retired_at)}; nobody is given it any more."
        )
    if not case.policies:
        return NotRequestable(f"'{package}' has no policy; an administrator must add one before it can be assigned.")
    if case.is_direct:
        return None
    if case.catalog.state is not CatalogState.PUBLISHED:
        return NotRequestable(
            f"'{package}' is in the catalog '{case.catalog.display_name}', which is not published; "
            "an administrator must publish it before anybody can ask."
        )
    if not any(map(_is_open, case.policies)):
        return NotRequestable(f"No policy of '{package}' takes requests; only an administrator can assign it.")
    return None


def _is_open(policy: Policy) -> bool:
    settings = policy.requestor_settings
    return policy.target_scope is not TargetScope.NOT_SPECIFIED and (settings.self_add or settings.on_behalf_add)
