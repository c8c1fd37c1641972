"""Finding packages, on the wire: the values of `filterByCurrentUser`, and our own lists for a person."""

from enum import StrEnum


class PackagesOf(StrEnum):
    """Whose packages; Graph's accessPackageFilterByCurrentUserOptions."""

    ALLOWED_REQUESTOR = "allowedRequestor"
