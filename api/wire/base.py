"""The base of every request body, and the types that bodies are made of.

Lenient where Graph's clients differ (the case of names and of enum members,
numbers and truths as text, `@odata.type` with or without `#`, members nobody
knows), strict where a wrong value would do harm: every text has a longest
length, because the database refuses longer ones less politely.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from api.wire.durations import Duration, duration
from grantline.errors import InvalidInput

__all__ = [
    "Body",
    "Duration",
    "EnumMember",
    "Guid",
    "Instant",
    "Name",
    "Reference",
    "Text",
    "Truth",
    "duration",
    "odata_type",
    "one_of",
    "referenced_id",
]

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NAMESPACE = "#microsoft.graph."
LONGEST_NAME = 256
LONGEST_TEXT = 10_000
EnumMember = TypeVar("EnumMember", bound=Enum)


class Body(BaseModel):
    """A JSON object as clients send it. Names match in any case; unknown members are kept in `model_extra`."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _names_in_any_case(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        known = _names(cls)
        return {known.get(key.lower(), key) if isinstance(key, str) else key: inner for key, inner in value.items()}


@cache
def _names(model: type[BaseModel]) -> dict[str, str]:
    return {(field.alias or name).lower(): field.alias or name for name, field in model.model_fields.items()}


def _guid(value: str) -> str:
    if not GUID.fullmatch(value):
        raise ValueError("should be a GUID such as 6f2b1f9e-9a55-4d4c-8f9e-2f1f4c3b2a10")
    return value.lower()


def _instant(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        raise ValueError("should be an instant such as 2026-01-31T08:00:00Z")
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip().upper())
        except ValueError as error:
            raise ValueError("should be an instant such as 2026-01-31T08:00:00Z") from error
    return value


def _utc(value: datetime) -> datetime:
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is out of range") from error


def _day(value: Any) -> Any:
    """Take a date, or the date of an instant, which is what Graph's own employeeHireDate is."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip()[:10])
        except ValueError as error:
            raise ValueError("should be a date such as 2026-01-31") from error
    if not isinstance(value, date):
        raise ValueError("should be a date such as 2026-01-31")
    return value


def _truth(value: Any) -> Any:
    if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    if not isinstance(value, bool):
        raise ValueError("should be true or false")
    return value


Guid = Annotated[str, AfterValidator(_guid)]
"""A GUID, in a path or a body; comes out in lower case."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
Instant = Annotated[datetime, BeforeValidator(_instant), AfterValidator(_utc)]
"""An instant; comes out in UTC. One without a zone is taken to be UTC."""

Day = Annotated[date, BeforeValidator(_day)]
Truth = Annotated[bool, BeforeValidator(_truth)]
"""A boolean, also as text."""


def one_of(members: type[EnumMember], *, but: Iterable[EnumMember] = ()) -> BeforeValidator:
    """Match an enum's values in any case; what is not one of them is answered with the list.

    Use as `Annotated[CatalogState, one_of(CatalogState)]`.
    """
    refused = set(but)
    known = {str(member.value).lower(): member for member in members if member not in refused}

    def match(value: Any) -> Any:
        if isinstance(value, members) and value not in refused:
            return value
        found = known.get(value.strip().lower()) if isinstance(value, str) else None
        if found is None:
            raise ValueError(f"should be one of {', '.join(str(member.value) for member in known.values())}")
        return found

    return BeforeValidator(match)


def odata_type(value: str) -> str:
    """Return the short name in an `@odata.type`: `singleUser` for `#microsoft.graph.singleUser`."""
    short = value.strip().removeprefix("#")
    return short[len("microsoft.graph.") :] if short.lower().startswith("microsoft.graph.") else short


class Reference(BaseModel):
    """The body of a `$ref` call: an URL, of which only the last id counts."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        for key, inner in value.items():
            if isinstance(key, str) and key.lower() in {"@odata.id", "odata.id", "@id"}:
                return {**value, "@odata.id": inner}
        raise ValueError('should hold "@odata.id", the URL of the object to refer to')

    odata_id: Annotated[str, StringConstraints(max_length=2_000), Field(alias="@odata.id")]

    @property
    def id(self) -> str:
        """Return the id at the end of the URL."""
        return referenced_id(self.odata_id)


def named_by_url(parameters: Mapping[str, str], advice: str) -> str:
    """Return the id of the object that a DELETE of `…/$ref` names by its URL.

    Raises:
        InvalidInput: it names none; `advice` says how to.
    """
    url = parameters.get("@id") or parameters.get("$id")
    if not url:
        raise InvalidInput(advice, target="@id")
    return referenced_id(url)


def referenced_id(url: str) -> str:
    """Return what stands last in the URL of an object: `…/users/<id>` or `…/users('<id>')`."""
    last = url.strip().rstrip("/").rpartition("/")[2]
    if last.endswith(")"):
        last = last.partition("(")[2][:-1].strip("'")
    return last.lower() if GUID.fullmatch(last) else last
