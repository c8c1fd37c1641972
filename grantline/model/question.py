"""Questions: what a policy wants to know of everybody who asks, and what was answered.

An answer carries its question as it was asked: like the plan it is frozen at
submit, whatever becomes of the policy. `kind` is the discriminator that is stored.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalizedText:
    """A text in one language, named as browsers do: `fr`, `fr-CA`."""

    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to answer: programs read `value`, people read `text`."""

    value: str
    text: str
    localizations: tuple[LocalizedText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextQuestion:
    """A question answered in one line, or in many; the whole answer must match `pattern` if there is one."""

    id: str
    text: str
    sequence: int = 0
    is_required: bool = False
    is_answer_editable: bool = False
    localizations: tuple[LocalizedText, ...] = ()
    is_single_line: bool = False
    pattern: str | None = None
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceQuestion:
    """A question answered by choosing, one or several."""

    id: str
    text: str
    sequence: int = 0
    is_required: bool = False
    is_answer_editable: bool = False
    localizations: tuple[LocalizedText, ...] = ()
    choices: tuple[Choice, ...] = ()
    allows_several: bool = False
    kind: Literal["choice"] = "choice"


Question = TextQuestion | ChoiceQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """What somebody sends for one question, before it is judged; several choices come as several of these."""

    question_id: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One question as it was asked, with what was answered: one text, or the values of the choices made."""

    question: Question
    values: tuple[str, ...]
