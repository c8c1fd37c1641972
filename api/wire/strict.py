"""Bodies of the configuration: what an administrator writes must not be half understood.

Names match in any case, as everywhere. A member that Graph does not declare is
refused by name instead of passed over: a misspelt switch of a policy would
otherwise be off, and nobody would know. OData's annotations do not count.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from api.wire.base import Body, Guid
from grantline.errors import InvalidInput, NotSupported

E = TypeVar("E", bound=StrEnum)


class StrictBody(Body):
    """An object of a request body. `read_only` are members that clients send back as they read them."""

    model_config = ConfigDict(extra="forbid")
    read_only: ClassVar[frozenset[str]] = frozenset({"id", "createddatetime", "modifieddatetime"})

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        known = {field.alias.lower(): field.alias for field in cls.model_fields.values() if field.alias}
        kept: dict[str, Any] = {}
        for key, inner in value.items():
            name = known.get(key.lower())
            if name in kept:
                raise ValueError(f"has {name} twice")
            if name is not None:
                kept[name] = inner
            elif "@" not in key and key.lower() not in cls.read_only:
                raise ValueError(f"has no member {key[:80]!r}; it can have {', '.join(sorted(known.values()))}")
        return kept

    def given(self) -> dict[str, Any]:
        """Return the members that were sent, by our names.

        Raises:
            InvalidInput: one of them is null; `description` may be, and is then empty.
        """
        members = {name: getattr(self, name) for name in self.model_fields_set}
        for name, value in members.items():
            if value is None and name != "description":
                alias = to_camel(name)
                raise InvalidInput(f"{alias} cannot be null; leave it out instead.", target=alias)
        return members | ({"description": ""} if members.get("description", "") is None else {})


class ById(BaseModel):
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
    wanted = value.strip().lower()
    for one in kind:
        if one.value.lower() == wanted:
            return one
    offered = ", ".join(one.value for one in kind)
    if wanted in {name.lower() for name in elsewhere}:
        raise NotSupported(f"{path} {value} is not offered yet; use one of {offered}.", target=path)
    raise InvalidInput(f"{path} is one of {offered}, not {value[:80]!r}.", target=path)


def one_reference(name: str, plain: str | None, nested: ById | None) -> str | None:
    """Return the id that was given as `nameId` or as `name.id`, in whichever form.

    Raises:
        InvalidInput: both were given and differ.
    """
    inner = nested.id if nested else None
    if plain is not None and inner is not None and plain != inner:
        raise InvalidInput(f"{name}.id and {name}Id differ; give one of them.", target=name)
    return plain or inner


def refuse_members(what: str, members: Mapping[str, Any]) -> None:
    """Refuse members that are not empty, because Grantline could only ignore them.

    Raises:
        NotSupported: names the first.
    """
    for name, value in members.items():
        if value:
            raise NotSupported(f"{what} cannot be written with {name} in it; leave it out.", target=name)
