"""Retiring an access package: from here nobody finds it, asks for it or is given it, and whoever holds it loses it.

The package is locked while that is put on record, together with the walk that
removes the assignments (services/assignments/package_changes.py). Whoever is given the
package holds it too (services/assignments/handover.py), so either the walk finds their
assignment, or they find the package retired.
"""

from dataclasses import dataclass, replace

from grantline.ambient import utc_now
from grantline.errors import NotFound
from grantline.model.catalog import AccessPackage
from grantline.model.change import ChangeKind, PackageChange
from grantline.model.person import Actor
from grantline.persistence import changes
from grantline.persistence import packages as store
from grantline.persistence.database import Database
from grantline.services.assignments.package_changes import announce
from grantline.services.configuration.changes import record_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """The package as it is now, and the walk along its holders; None if there were none."""

    package: AccessPackage
    change: PackageChange | None


async def retire(db: Database, actor: Actor, package_id: str, reason: str | None = None) -> Retired:
    """Retire a package for good; called again, tell how that goes.

    Raises:
        NotFound: there is no such package.
    """
    now = utc_now()
    async with db.write() as tx:
        before = await store.package(tx, package_id, lock=True)
        if before is None:
            raise NotFound(f"There is no access package {package_id}.")
        if before.retired_at is not None:
            return Retired(package=before, change=await changes.retirement(tx, package_id))
        after = replace(before, is_hidden=True, retired_at=now, modified_at=now)
        await store.update_package(tx, after)
        record_changed(tx, actor.id, "accessPackage", before, after)
        change = await announce(tx, after, ChangeKind.RETIRED, "", actor.id, reason=reason)
    return Retired(package=after, change=change)
