"""What several answers have in them: people, packages and times in a few words."""

from datetime import datetime
from typing import Any, NotRequired

from typing_extensions import TypedDict

from grantline.model.person import Person
from grantline.model.policy import ExpirationType

Typed = TypedDict("Typed", {"@odata.type": str})
"""What says of which of Graph's types it is."""

PerhapsTyped = TypedDict("PerhapsTyped", {"@odata.type": NotRequired[str]})
"""The same, where only a list of several kinds of object says it."""

ReferenceOut = TypedDict("ReferenceOut", {"@odata.id": str})
"""Where an object is found."""


class NamedOut(TypedDict):
    """Something by id and name."""

    id: str
    displayName: str


class PartyOut(TypedDict):
    """Somebody or something by id and name; what was deleted keeps only the id."""

    id: str
    displayName: str | None


class PersonOut(NamedOut):
    """A person in a few words."""

    userPrincipalName: str


class RefusalOut(TypedDict):
    """Why something is refused, as a failure says it."""

    code: str
    message: str
    target: str | None


class ExpirationOut(TypedDict):
    """When access ends."""

    endDateTime: datetime | None
    duration: str | None
    type: ExpirationType


class ScheduleOut(TypedDict):
    """From when until when."""

    startDateTime: datetime | None
    recurrence: None
    expiration: ExpirationOut


class AccessSubjectOut(TypedDict):
    """A person as requestor or target."""

    id: str
    objectId: str
    displayName: str
    email: str | None
    principalName: str
    onPremisesSecurityIdentifier: None
    subjectType: str
    subjectLifecycle: str


def person_out(person: Person) -> PersonOut:
    """Show a person in a few words."""
    return {
        "id": person.id,
        "displayName": person.display_name,
        "userPrincipalName": person.user_principal_name,
    }


class LocalizedTextOut(TypedDict):
    """A text in another language."""

    languageCode: str
    text: str


class WordingOut(TypedDict):
    """A text, in the language of whoever reads, and in all others that there are."""

    text: str
    localizations: list[LocalizedTextOut]


class ChoiceOut(WordingOut):
    """What may be chosen."""

    actualValue: str


class QuestionOut(Typed, WordingOut):
    """A question to whoever asks: one of text, or one of choices."""

    id: str
    sequence: int
    isRequired: bool
    isAnswerEditable: bool
    isSingleLineQuestion: NotRequired[bool]
    regexPattern: NotRequired[str | None]
    isMultipleSelectionAllowed: NotRequired[bool]
    choices: NotRequired[list[ChoiceOut]]


class AnswerOut(Typed):
    """An answer with its question as it was asked."""

    displayValue: str
    value: str
    answeredQuestion: QuestionOut


class CalloutInstanceOut(TypedDict):
    """A call to a custom extension, and what came of it."""

    id: str
    customExtensionId: str
    externalCorrelationId: None
    status: str | None
    detail: str | None


Kept = dict[str, Any] | None
"""Settings that are given back as they came."""
