"""accessPackageQuestion and accessPackageAnswer on the wire.

Several choices to one question are several answers: an answer has one value.
`displayValue` is always ours; a text beside the value that approvers read
instead of it could tell them anything.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError
from typing_extensions import TypedDict

from api.wire.base import Guid, Name, Text, Truth, odata_type
from api.wire.languages import text_in
from api.wire.lenient import LenientBody
from api.wire.shapes import AnswerOut, ChoiceOut, QuestionOut, WordingOut
from api.wire.strict import StrictBody
from grantline.errors import InvalidInput
from grantline.model.question import (
    Answer,
    Choice,
    ChoiceQuestion,
    GivenAnswer,
    LocalizedText,
    Question,
    TextQuestion,
)

PREFIX = "#microsoft.graph."
TEXT = "accessPackageTextInputQuestion"
CHOICE = "accessPackageMultipleChoiceQuestion"
Number = Annotated[int, Field(ge=-(2**31), lt=2**31)]
Wording = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]


class _Localization(StrictBody):
    language_code: Name
    text: Wording


class _Choice(StrictBody):
    actual_value: Name | None = None
    text: Wording
    localizations: list[_Localization] | None = None

    def read(self) -> Choice:
        return Choice(
            value=self.text if self.actual_value is None else self.actual_value,
            text=self.text,
            localizations=_localizations(self.localizations),
        )


class _Question(StrictBody):
    id: Guid | None = None
    sequence: Number | None = None
    is_required: Truth | None = None
    is_answer_editable: Truth | None = None
    text: Wording
    localizations: list[_Localization] | None = None

    def common(self) -> dict[str, Any]:
        return {
            "id": self.id or "",
            "sequence": self.sequence or 0,
            "is_required": bool(self.is_required),
            "is_answer_editable": bool(self.is_answer_editable),
            "text": self.text,
            "localizations": _localizations(self.localizations),
        }


class _TextQuestion(_Question):
    is_single_line_question: Truth | None = None
    regex_pattern: Text | None = None

    def read(self) -> TextQuestion:
        return TextQuestion(
            **self.common(), is_single_line=bool(self.is_single_line_question), pattern=self.regex_pattern or None
        )


class _ChoiceQuestion(_Question):
    choices: list[_Choice] | None = None
    is_multiple_selection_allowed: Truth | None = None

    def read(self) -> ChoiceQuestion:
        return ChoiceQuestion(
            **self.common(),
            choices=tuple(choice.read() for choice in self.choices or ()),
            allows_several=bool(self.is_multiple_selection_allowed),
        )


KINDS: Mapping[str, type[_TextQuestion | _ChoiceQuestion]] = {TEXT: _TextQuestion, CHOICE: _ChoiceQuestion}


def questions_in(items: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    """Read the questions of a policy as drafts; the id is empty where none was sent.

    Raises:
        InvalidInput: names the entry and what would be right there.
    """
    return tuple(_question_in(f"questions/{place}", item) for place, item in enumerate(items))


def _question_in(path: str, item: Mapping[str, Any]) -> Question:
    kind = _kind(path, item)
    try:
        return KINDS[kind].model_validate(item).read()
    except ValidationError as error:
        finding = error.errors()[0]
        name = "/".join(str(part) for part in finding["loc"])
        says = "is missing" if finding["type"] == "missing" else finding["msg"].removeprefix("Value error, ")
        raise InvalidInput(
            f"{path}, a {kind}: {name} {says}.".replace(":  ", ": "), target=f"{path}/{name}".rstrip("/")
        ) from error


def _kind(path: str, item: Mapping[str, Any]) -> str:
    given = next((value for name, value in item.items() if name.lower() == "@odata.type"), None)
    wanted = odata_type(given).lower() if isinstance(given, str) else ""
    for name in KINDS:
        if name.lower() == wanted:
            return name
    known = ", ".join(f"{PREFIX}{name}" for name in KINDS)
    raise InvalidInput(f"{path} needs @odata.type, one of {known}.", target=f"{path}/@odata.type")


def _localizations(given: Sequence[_Localization] | None) -> tuple[LocalizedText, ...]:
    return tuple(LocalizedText(language=one.language_code, text=one.text) for one in given or ())


class _AnsweredQuestion(LenientBody):
    id: Guid | None = None


class AnswerBody(LenientBody):
    """One of a request's `answers`."""

    value: Text | None = None
    answered_question: _AnsweredQuestion | None = None

    def read(self, place: int) -> GivenAnswer:
        """Return the answer given; one without a value is blank.

        Raises:
            InvalidInput: it does not say to which question.
        """
        if self.answered_question is None or self.answered_question.id is None:
            raise InvalidInput(
                f"answers/{place} needs answeredQuestion.id, the question that it answers.",
                target=f"answers/{place}/answeredQuestion/id",
            )
        return GivenAnswer(question_id=self.answered_question.id, value=self.value or "")


def questions_out(questions: Sequence[Question], wanted: Sequence[str] = ()) -> list[QuestionOut]:
    """Show questions in the first of the languages wanted that each is in; without any, as they were written."""
    return [_question_out(question, wanted) for question in questions]


def answers_out(answers: Sequence[Answer], wanted: Sequence[str] = ()) -> list[AnswerOut]:
    """Show answers with their questions as they were asked."""
    return [
        {
            "@odata.type": f"{PREFIX}accessPackageAnswerString",
            "displayValue": _display(answer.question, value, wanted),
            "value": value,
            "answeredQuestion": _question_out(answer.question, wanted),
        }
        for answer in answers
        for value in answer.values
    ]


class AnsweringOut(TypedDict):
    """What was answered, and what an approver may still answer."""

    answers: list[AnswerOut]
    unanswered: list[QuestionOut]


def answering_out(answers: Sequence[Answer], wanted: Sequence[str] = ()) -> AnsweringOut:
    """Show answers, and the questions left blank that an approver may answer."""
    blank = [one.question for one in answers if not one.values and one.question.is_answer_editable]
    return {"answers": answers_out(answers, wanted), "unanswered": questions_out(blank, wanted)}


def _question_out(question: Question, wanted: Sequence[str]) -> QuestionOut:
    is_choice = isinstance(question, ChoiceQuestion)
    shown: QuestionOut = {
        "@odata.type": f"{PREFIX}{CHOICE if is_choice else TEXT}",
        "id": question.id,
        "sequence": question.sequence,
        "isRequired": question.is_required,
        "isAnswerEditable": question.is_answer_editable,
        **_wording(question, wanted),
    }
    if is_choice:
        choices: list[ChoiceOut] = [
            {"actualValue": choice.value, **_wording(choice, wanted)} for choice in question.choices
        ]
        return {**shown, "isMultipleSelectionAllowed": question.allows_several, "choices": choices}
    return {**shown, "isSingleLineQuestion": question.is_single_line, "regexPattern": question.pattern}


def _wording(worded: Question | Choice, wanted: Sequence[str]) -> WordingOut:
    return {
        "text": text_in(wanted, worded.localizations, worded.text),
        "localizations": [{"languageCode": one.language, "text": one.text} for one in worded.localizations],
    }


def _display(question: Question, value: str, wanted: Sequence[str]) -> str:
    if isinstance(question, TextQuestion):
        return value
    chosen = next(choice for choice in question.choices if choice.value == value)
    return text_in(wanted, chosen.localizations, chosen.text)
