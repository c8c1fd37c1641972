"""The custom extensions of a catalog, which policies name."""

import ipaddress
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from grantline.ambient import new_id, utc_now
from grantline.errors import Conflict, InUse, InvalidInput, NameTaken, NotFound
from grantline.model.callout import NOTICES, WAITING_POINTS, CalloutPoint, CustomExtension, ExtensionKind, ExtensionUse
from grantline.model.policy import Policy
from grantline.notifications.webhook import may_call
from grantline.persistence import catalogs, packages
from grantline.persistence import custom_extensions as store
from grantline.persistence.database import Database, Transaction
from grantline.rules.planning import extensions_named
from grantline.services.configuration.changes import record_changed, record_created, record_deleted, some, unless_taken

SHORTEST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(days=14)
LONGEST_URL = 2000
MOST_IN_CATALOG = 100
MOST_IN_POLICY = 20
ENDPOINT = "endpointConfiguration/targetUrl"
TIMEOUT = "callbackConfiguration/timeoutDuration"
SETTINGS = "customExtensionStageSettings"


async def create_extension(
    db: Database, actor_id: str | None, catalog_id: str, draft: CustomExtension
) -> CustomExtension:
    """Make an extension of a catalog; its name is its own there. Ids and stamps of the draft do not count."""
    now = utc_now()
    new = replace(draft, id=new_id(), catalog_id=catalog_id, created_at=now, modified_at=now)
    check(new)
    async with db.write() as tx:
        if await catalogs.catalog(tx, catalog_id) is None:
            raise NotFound(f"There is no catalog {catalog_id}.")
        if await store.count(tx, catalog_id) >= MOST_IN_CATALOG:
            raise Conflict(f"The catalog has {MOST_IN_CATALOG} custom extensions, which is the most; delete one first.")
        with unless_taken(_name_taken(new.display_name)):
            await store.insert_extension(tx, new)
        record_created(tx, actor_id, "customExtension", new)
    return new


async def update_extension(
    db: Database, actor_id: str | None, catalog_id: str, extension_id: str, **changes: Any
) -> CustomExtension:
    """Change an extension. Requests keep what their plan has of it, all but where it is called.

    Whether it is waited for, and what its answer is, cannot change while policies
    name it: they chose the point for what it was.
    """
    async with db.write() as tx:
        before = await _extension(tx, catalog_id, extension_id)
        after = replace(before, **changes)
        check(after)
        if after == before:
            return before
        if after.kind is not before.kind:
            raise InvalidInput(
                f"The custom extension is a {before.kind.value} and stays one; make a new one.", target="@odata.type"
            )
        is_other = (after.waits_for is None, after.names_approvers) != (
            before.waits_for is None,
            before.names_approvers,
        )
        if is_other and (users := await store.used_by(tx, extension_id)):
            raise InUse(
                f"Whether '{before.display_name}' is waited for, and for what, cannot change while {some(users)} "
                "name it; take it out of them first.",
            )
        after = replace(after, modified_at=utc_now())
        with unless_taken(_name_taken(after.display_name)):
            await store.update_extension(tx, after)
        record_changed(tx, actor_id, "customExtension", before, after)
    return after


async def delete_extension(db: Database, actor_id: str | None, catalog_id: str, extension_id: str) -> None:
    """Delete an extension that no policy names; calls that are owed still go out."""
    async with db.write() as tx:
        extension = await _extension(tx, catalog_id, extension_id)
        if users := await store.used_by(tx, extension_id):
            raise InUse(f"'{extension.display_name}' is named by {some(users)}; take it out of them first.")
        await store.delete_extension(tx, extension_id, utc_now())
        record_deleted(tx, actor_id, "customExtension", extension)


def check(extension: CustomExtension) -> None:
    """Refuse an extension that contradicts itself, or that could never be called."""
    _check_url(extension.url)
    waits_for = extension.waits_for
    if waits_for is None:
        return
    if extension.kind is ExtensionKind.ASSIGNMENT:
        raise InvalidInput(
            f"Nobody waits before access ends, so {extension.kind.value} takes no callbackConfiguration.",
            target="callbackConfiguration",
        )
    if not SHORTEST_WAIT <= waits_for <= LONGEST_WAIT or waits_for.microseconds:
        raise InvalidInput(
            f"An answer is awaited from 1 minute to {LONGEST_WAIT.days} days, in whole seconds; "
            f"timeoutDuration is {waits_for}.",
            target=TIMEOUT,
        )


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InvalidInput(f"targetUrl is no URL: {error}.", target=ENDPOINT) from error
    del port
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url or not url.isascii():
        raise InvalidInput(f"targetUrl is ASCII without spaces, {LONGEST_URL} characters at most.", target=ENDPOINT)
    is_here = _is_this_machine(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
        raise InvalidInput(
            "targetUrl should begin with https://, and name a host; http:// is for this machine alone.", target=ENDPOINT
        )
    if not host or parts.username is not None or parts.fragment:
        raise InvalidInput("targetUrl should name a host, and have neither user nor #fragment.", target=ENDPOINT)
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return
    if not may_call(host, allows_private=True):
        raise InvalidInput(f"{host} is an address that is never called; name another.", target=ENDPOINT)


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def check_policy(tx: Transaction, policy: Policy) -> None:
    """Refuse a policy that names an extension that is not there, or at a point where it makes no sense."""
    named = extensions_named(policy)
    if not named:
        return
    package = (await packages.packages_by_id(tx, [policy.package_id])).get(policy.package_id)
    # Locked, so that none can be deleted while the policy that names it is being written.
    found = await store.by_id(tx, named, lock=True)
    here = {one.id: one for one in found.values() if package is not None and one.catalog_id == package.catalog_id}
    if len(policy.extensions) > MOST_IN_POLICY:
        raise InvalidInput(
            f"{SETTINGS} has {len(policy.extensions)} entries; {MOST_IN_POLICY} at most.", target=SETTINGS
        )
    for place, use in enumerate(policy.extensions):
        path = f"{SETTINGS}/{place}"
        _check_use(path, use.point, _known(here, use.extension_id, f"{path}/customExtension/id"))
    _check_together(policy, here)
    for place, stage in enumerate(policy.approval_settings.stages):
        if stage.determined_by is not None:
            path = f"requestApprovalSettings/stages/{place}"
            if stage.primary_approvers:
                raise InvalidInput(
                    "The stage has primaryApprovers and a customExtension that names them; keep one of the two.",
                    target=f"{path}/primaryApprovers",
                )
            _check_use(path, CalloutPoint.DETERMINING, _known(here, stage.determined_by, f"{path}/customExtension/id"))


async def record_names(tx: Transaction, policy: Policy) -> None:
    """Write which extensions a policy names, so that none of them is deleted from under it."""
    await store.name_in_policy(tx, policy.id, extensions_named(policy))


def _known(here: dict[str, CustomExtension], extension_id: str, path: str) -> CustomExtension:
    if extension_id not in here:
        raise InvalidInput(f"The package's catalog has no custom extension {extension_id}.", target=path)
    return here[extension_id]


def _check_use(path: str, point: CalloutPoint, extension: CustomExtension) -> None:
    name = f"'{extension.display_name}'"
    wanted = ExtensionKind.ASSIGNMENT if point in NOTICES else ExtensionKind.REQUEST
    if extension.kind is not wanted:
        raise InvalidInput(f"{point.value} takes a {wanted.value}; {name} is a {extension.kind.value}.", target=path)
    if extension.names_approvers and point is not CalloutPoint.DETERMINING:
        raise InvalidInput(
            f"{name} answers with an approval stage, which only {CalloutPoint.DETERMINING.value} asks for.", target=path
        )
    if point is CalloutPoint.DETERMINING and not extension.names_approvers:
        raise InvalidInput(
            f"{point.value} needs an extension whose callbackConfiguration is an "
            f"accessPackageRequestApprovalStageCallbackConfiguration; that of {name} is not.",
            target=path,
        )
    if extension.waits_for is not None and point not in WAITING_POINTS:
        points = ", ".join(sorted(one.value for one in WAITING_POINTS))
        raise InvalidInput(
            f"At {point.value} nothing waits, and {name} wants to be waited for; that is possible at {points}.",
            target=path,
        )


def _check_together(policy: Policy, here: dict[str, CustomExtension]) -> None:
    uses = policy.extensions
    repeated = [use for use, times in Counter(uses).items() if times > 1]
    waiting = Counter(use.point for use in uses if here[use.extension_id].waits_for is not None)
    crowded = [point for point, times in waiting.items() if times > 1]
    if repeated:
        raise InvalidInput(f"{_named(repeated[0], here)} is named twice at {repeated[0].point.value}.", target=SETTINGS)
    if crowded:
        raise InvalidInput(
            f"A request waits for one extension at a time; at {crowded[0].value} there are {waiting[crowded[0]]}.",
            target=SETTINGS,
        )
    settings = policy.approval_settings
    has_stage = (settings.is_required_for_add or settings.is_required_for_update) and settings.stages
    determining = [use for use in uses if use.point is CalloutPoint.DETERMINING]
    if determining and not has_stage:
        raise InvalidInput(
            f"{CalloutPoint.DETERMINING.value} says who decides the first stage, and the policy has none; "
            "require approval and name a stage.",
            target=SETTINGS,
        )
    if determining and settings.stages[0].determined_by is not None:
        raise InvalidInput(
            f"The first stage has a customExtension of its own; leave out {CalloutPoint.DETERMINING.value}.",
            target=SETTINGS,
        )


def _named(use: ExtensionUse, here: dict[str, CustomExtension]) -> str:
    return f"'{here[use.extension_id].display_name}'"


async def _extension(tx: Transaction, catalog_id: str, extension_id: str) -> CustomExtension:
    found = await store.extension(tx, catalog_id, extension_id, lock=True)
    if found is None:
        raise NotFound(f"The catalog {catalog_id} has no custom extension {extension_id}.")
    return found


def _name_taken(name: str) -> NameTaken:
    return NameTaken(f"The catalog has a custom extension '{name}' already; choose another name.", target="displayName")
