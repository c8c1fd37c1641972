"""Bodies that may hold more than we read: what people ask for, as every kind of client writes it.

Graph's own clients send undeclared members beside the declared ones, and old
examples add more; so, unlike configuration (`wire/base.py`), these pass over
what they do not know. What they do know must have the right type.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, ClassVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic.alias_generators import to_camel


class LenientBody(BaseModel):
    """A JSON object whose names match in any case, and whose unknown members do not count."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _names_in_any_case(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        known = _names(cls)
        return {known.get(str(name).lower(), name): value for name, value in data.items()}


class ExactBody(LenientBody):
    """One that no old client writes: an unknown member is refused, for a misspelt limit would otherwise be none.

    `read_only` are members, in lower case, that clients send back as they read them.
    """

    read_only: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, data: Any) -> Any:
        known = _names(cls)
        for name in data if isinstance(data, Mapping) else ():
            if "@" not in str(name) and str(name).lower() not in known.keys() | cls.read_only:
                raise ValueError(f"has no member {str(name)[:80]!r}; it can have {', '.join(sorted(known.values()))}")
        return data


@cache
def _names(model: type[BaseModel]) -> dict[str, str]:
    return {field.alias.lower(): field.alias for field in model.model_fields.values() if field.alias}


def _text_only(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("should be an instant such as 2026-01-31T08:00:00Z")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_text_only)]
"""An instant with its zone; a number is none."""
