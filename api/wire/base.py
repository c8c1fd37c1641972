"""What every body of the configuration has in common.

Names of members are taken in any case and answered in Graph's. A member that
Graph does not declare is refused by name: what an administrator writes must
not be half understood. OData's own annotations are passed over.

(The foundation of the wire, written here because the first to need it came first.)
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from grantline.errors import InvalidInput, NotSupported

LONGEST_NAME = 256
LONGEST_TEXT = 10_000
GUID_LENGTH = 36
E = TypeVar("E", bound=StrEnum)


def _storable(value: str) -> str:
    """Refuse what no database keeps as text."""
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("cannot hold NUL or half a surrogate pair")
    return value


def _named(value: str) -> str:
    if not value.strip():
        raise ValueError("cannot be empty")
    if len(value) > LONGEST_NAME:
        raise ValueError(f"has {len(value)} characters, {LONGEST_NAME} at most")
    return value


def _told(value: str) -> str:
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"has {len(value)} characters, {LONGEST_TEXT} at most")
    return value


def guid(value: str) -> str:
    """Return a GUID in lower case; ValueError says what one looks like."""
    try:
        if len(value) == GUID_LENGTH:
            return str(UUID(value))
    except ValueError:
        pass
    raise ValueError("is not a GUID such as 8ab659d0-3839-427d-8c54-5ae92f0b3e2e")


Text = Annotated[str, AfterValidator(_storable), AfterValidator(_told)]
Name = Annotated[str, AfterValidator(_storable), AfterValidator(_named)]
Guid = Annotated[str, AfterValidator(guid)]


class Body(BaseModel):
    """An object of a request body. `passed_over` are read-only members, which clients send back as they read them."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")
    passed_over: ClassVar[frozenset[str]] = frozenset({"id", "createddatetime", "modifieddatetime"})

    @model_validator(mode="before")
    @classmethod
    def _match_names(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        known = {field.alias.lower(): field.alias for field in cls.model_fields.values() if field.alias}
        matched: dict[str, Any] = {}
        for name, value in data.items():
            alias = known.get(name.lower())
            if alias in matched:
                raise ValueError(f"has {alias} twice")
            if alias is not None:
                matched[alias] = value
            elif "@" not in name and name.lower() not in cls.passed_over:
                raise ValueError(f"has no member {name[:80]!r}; it can have {', '.join(sorted(known.values()))}")
        return matched

    def given(self) -> dict[str, Any]:
        """Return the members that were sent, by our names.

        Raises:
            InvalidInput: one of them is null; `description` may be, and is then empty.
        """
        members = {name: getattr(self, name) for name in self.model_fields_set}
        for name, value in members.items():
            if value is None and name != "description":
                alias = to_camel(name)
                raise InvalidInput(f"{alias} cannot be null; leave it out to keep it as it is.", target=alias)
        return members | ({"description": ""} if members.get("description", "") is None else {})


class Reference(BaseModel):
    """Another object, by its id; whatever else was read with it does not count."""

    model_config = ConfigDict(extra="ignore")
    id: Guid | None = None


def member(kind: type[E], value: str | None, path: str, *, elsewhere: Iterable[str] = (), default: E) -> E:
    """Return the member of an enumeration that a text names, in any case.

    `elsewhere` are members that Microsoft Graph has and Grantline does not offer.

    Raises:
        InvalidInput: there is no such member; lists them.
        NotSupported: Grantline does not offer it.
    """
    if value is None:
        return default
    wanted = value.lower()
    for one in kind:
        if one.value.lower() == wanted:
            return one
    offered = ", ".join(one.value for one in kind)
    if wanted in {name.lower() for name in elsewhere}:
        raise NotSupported(f"{path} {value} is not offered yet; use one of {offered}.", target=path)
    raise InvalidInput(f"{path} is one of {offered}, not {value[:80]!r}.", target=path)


def one_reference(path: str, plain: str | None, reference: Reference | None) -> str | None:
    """Return the id that was given as `pathId` or as `path.id`, in whichever form.

    Raises:
        InvalidInput: both were given and differ.
    """
    nested = reference.id if reference else None
    if plain is not None and nested is not None and plain != nested:
        raise InvalidInput(f"{path}.id and {path}Id differ; give one of them.", target=path)
    return plain or nested


def refuse_members(path: str, members: Mapping[str, Any]) -> None:
    """Refuse members that are not empty, because Grantline could only ignore them.

    Raises:
        NotSupported: names the first.
    """
    for name, value in members.items():
        if value:
            raise NotSupported(f"{path} cannot be written with {name} in it; leave it out.", target=name)
