"""Any SCIM 2.0 service as a target system: a resource is a group there, its role is to be a member.

Groups are named by their id at the service, or by their displayName where no
group has that id. People are found by userName; nobody is created. Members are
added and removed by PATCH, one at a time, so that two workers never overwrite
each other's work.
"""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeVar

import httpx2
from scim2_client import RequestNetworkException, SCIMClientException
from scim2_client.engines.httpx2 import AsyncSCIMClient
from scim2_models import (
    Group,
    ListResponse,
    NoTargetException,
    Resource,
    SCIMException,
    ScimPolicy,
    ScimProvider,
    User,
)

from grantline.ambient import new_id, utc_now
from grantline.connectors.base import RoleDescription, member_role, require_member
from grantline.errors import ConnectorError, TargetRefused, TryAgain
from grantline.model.assignment import Entitlement
from grantline.model.catalog import SCIM

CONNECT = timedelta(seconds=5)
ANSWER = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
"""What a target may ask us to wait, at most."""

TEMPORARY = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
FORBIDDEN = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
NO_SUCH_GROUP = {HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}
"""How services say it; some call an id in another form than their own a bad request."""

SUCCESS = range(200, 300)
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

ResourceT = TypeVar("ResourceT", bound=Resource[Any])


class ScimConnector:
    """Adds and removes group members at one SCIM service, over one pool of connections."""

    origin_system = SCIM

    def __init__(
        self, base_url: str, token: str | None, *, connect: timedelta = CONNECT, answer: timedelta = ANSWER
    ) -> None:
        """Open nothing yet. `base_url` ends where `/Users` and `/Groups` begin."""
        self._http = httpx2.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx2.Timeout(answer.total_seconds(), connect=connect.total_seconds()),
        )
        # Real services send attributes of their own; what we do not know, we do not read.
        lenient = ScimPolicy(unknown=ScimPolicy.Unknown.ignore)
        self._scim = AsyncSCIMClient(self._http, provider=ScimProvider(models=(User, Group), policy=lenient))
        self._place = self._http.base_url.host
        self._group_ids: dict[str, str] = {}
        self._can_filter_members: bool | None = None

    async def holds(self, entitlement: Entitlement) -> bool:
        """Tell whether the person is a member, as far as the service shows it."""
        require_member(entitlement)
        account = entitlement.account_id or await self._account_of(entitlement)
        if account is None:
            return False
        return await self._at_group(entitlement, lambda group: self._is_member(group, account)) or False

    async def grant(self, entitlement: Entitlement) -> str:
        """Add the person; refused if the service has no such user or no such group."""
        require_member(entitlement)
        account = await self._account_of(entitlement)
        if account is None:
            raise TargetRefused(
                f"{self._place} has no user {entitlement.user_name!r}; "
                f"the account must exist there before it can be given access."
            )
        add = {"op": "add", "path": "members", "value": [{"value": account}]}
        if await self._at_group(entitlement, lambda group: self._patch(group, add, entitlement)) is None:
            raise TargetRefused(f"{self._place} has no group {entitlement.resource_origin_id!r}.")
        return account

    async def revoke(self, entitlement: Entitlement) -> None:
        """Remove the person; nothing is to be done where the user or the group is gone."""
        require_member(entitlement)
        account = entitlement.account_id or await self._account_of(entitlement)
        if account is not None:
            remove = {"op": "remove", "path": f"members[value eq {_quoted(account)}]"}
            await self._at_group(entitlement, lambda group: self._patch(group, remove, entitlement))

    async def exists(self, resource_origin_id: str) -> bool:
        """Tell whether the service has the group."""
        self._group_ids.pop(resource_origin_id, None)
        return await self._group_id(resource_origin_id) is not None

    async def roles(self, resource_origin_id: str) -> list[RoleDescription]:
        """Return the member role."""
        return [member_role(resource_origin_id)]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _account_of(self, entitlement: Entitlement) -> str | None:
        """Return the service's id of the user, or None if there is no such user."""
        name = entitlement.user_name
        found = await self._search(User, f"userName eq {_quoted(name)}", "userName", f"looking for the user {name!r}")
        # A service that overlooks the filter answers with everybody.
        ids = [user.id for user in found if (user.user_name or "").casefold() == name.casefold()]
        return self._only(ids, f"users {name!r}")

    async def _group_id(self, origin_id: str) -> str | None:
        """Return the service's id of the group, or None if there is no such group."""
        if origin_id not in self._group_ids:
            found = origin_id if await self._has_group(origin_id) else await self._group_named(origin_id)
            if found is None:
                return None
            self._group_ids[origin_id] = found
        return self._group_ids[origin_id]

    async def _has_group(self, group_id: str) -> bool:
        try:
            with self._as_ours(f"looking for the group {group_id!r}"):
                await self._scim.query(Group, group_id, {"attributes": ["displayName"]})
        except TargetRefused as error:
            if _scim_status(error) in NO_SUCH_GROUP:
                return False
            raise
        return True

    async def _group_named(self, name: str) -> str | None:
        named = f"displayName eq {_quoted(name)}"
        found = await self._search(Group, named, "displayName", f"looking for the group {name!r}")
        return self._only([group.id for group in found if group.display_name == name], f"groups {name!r}")

    async def _search(self, kind: type[ResourceT], filter_: str, attribute: str, doing: str) -> list[ResourceT]:
        with self._as_ours(doing):
            found = await self._scim.query(kind, query_parameters={"filter": filter_, "attributes": [attribute]})
        return list(found.resources or ()) if isinstance(found, ListResponse) else []

    def _only(self, ids: list[str | None], what: str) -> str | None:
        if len(ids) > 1:
            raise TargetRefused(f"{self._place} has {len(ids)} {what}; which one is meant cannot be told.")
        return ids[0] if ids else None

    async def _at_group(self, entitlement: Entitlement, call: Callable[[str], Awaitable[bool]]) -> bool | None:
        """Do something with the group; None if there is no such group.

        The group may have been made anew since we learned its id, so one that is
        not there is looked for once more.
        """
        origin_id = entitlement.resource_origin_id
        is_remembered = origin_id in self._group_ids
        group_id = await self._group_id(origin_id)
        if group_id is None:
            return None
        try:
            return await call(group_id)
        except TargetRefused as error:
            if _scim_status(error) != HTTPStatus.NOT_FOUND:
                raise
            self._group_ids.pop(origin_id, None)
        return await self._at_group(entitlement, call) if is_remembered else None

    async def _patch(self, group_id: str, operation: dict[str, Any], entitlement: Entitlement) -> bool:
        act = f"{operation['op']} {entitlement.user_name!r}, group {entitlement.resource_origin_id!r}"
        try:
            with self._as_ours(f"asked to {act}"):
                await self._scim.modify(Group, group_id, {"schemas": [PATCH], "Operations": [operation]})
        except TargetRefused as error:
            # A success told in a form that nobody can read is a success; `holds` shows what it is worth.
            is_told_badly = _status(error) in SUCCESS
            is_gone_already = operation["op"] == "remove" and isinstance(error.__cause__, NoTargetException)
            if not (is_told_badly or is_gone_already):
                raise
        return True

    async def _is_member(self, group_id: str, account: str) -> bool:
        """Look the person up in the group, by a filter once the service has shown that it can.

        Services differ: some list no members, some understand no filter on
        members, some overlook it. A filter that found a member and did not find
        somebody who cannot exist is believed from then on; it spares reading
        all members of a large group.
        """
        if self._can_filter_members:
            return await self._finds(group_id, account)
        is_listed = await self._lists(group_id, account)
        if self._can_filter_members is None:
            is_found = await self._finds_if_able(group_id, account)
            if is_found and not await self._finds(group_id, new_id()):
                self._can_filter_members = is_listed = True
            elif is_found is not False or is_listed:
                self._can_filter_members = False
        return is_listed

    async def _lists(self, group_id: str, account: str) -> bool:
        with self._as_ours(f"reading the members of the group {group_id!r}"):
            group = await self._scim.query(Group, group_id, {"attributes": ["members"]})
        members = group.members if isinstance(group, Group) else None
        return any(member.value == account for member in members or ())

    async def _finds(self, group_id: str, account: str) -> bool:
        both = f"id eq {_quoted(group_id)} and members[value eq {_quoted(account)}]"
        found = await self._search(Group, both, "displayName", f"looking for a member of the group {group_id!r}")
        return any(group.id == group_id for group in found)

    async def _finds_if_able(self, group_id: str, account: str) -> bool | None:
        try:
            return await self._finds(group_id, account)
        except TargetRefused:
            return None

    @contextmanager
    def _as_ours(self, doing: str) -> Generator[None]:
        """Turn every failure into ours; `doing` says what was tried."""
        try:
            yield
        except RequestNetworkException as error:
            kind = type(error.__cause__).__name__
            raise TryAgain(f"{self._place} could not be reached ({kind}) while {doing}.") from error
        except (SCIMException, SCIMClientException) as error:
            raise self._failure(doing, error) from error

    def _failure(self, doing: str, error: SCIMException | SCIMClientException) -> ConnectorError:
        response = getattr(error, "source", None)
        if not isinstance(response, httpx2.Response) or response.is_success:
            return TargetRefused(f"{self._place} does not answer as SCIM 2.0 does, while {doing}: {error}")
        status = response.status_code
        answered = f"{self._place} answered {status} while {doing}"
        if status in TEMPORARY or (response.is_server_error and status != HTTPStatus.NOT_IMPLEMENTED):
            return TryAgain(f"{answered}.", after=_asked_pause(response))
        if status in FORBIDDEN:
            return TargetRefused(f"{answered}: Grantline's token is not accepted there, or may not do this.")
        return TargetRefused(f"{answered}: {error}")


def _quoted(value: str) -> str:
    """Write a string as SCIM filters have it, which is JSON's way."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _status(error: TargetRefused) -> int | None:
    response = getattr(error.__cause__, "source", None)
    return response.status_code if isinstance(response, httpx2.Response) else None


def _scim_status(error: TargetRefused) -> int | None:
    """Return the status of an answer that is a SCIM error.

    A page of some proxy that says 404 is none: it tells nothing about groups.
    """
    return _status(error) if isinstance(error.__cause__, SCIMException) else None


def _asked_pause(response: httpx2.Response) -> timedelta | None:
    """Read Retry-After, in seconds or as a date."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return min(timedelta(seconds=int(value)), LONGEST_PAUSE)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return min(max(_aware(at) - utc_now(), timedelta()), LONGEST_PAUSE)


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
