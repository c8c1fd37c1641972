"""What the questions of a policy must say to make sense, and how they keep their ids."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from grantline.ambient import new_id
from grantline.errors import InvalidInput
from grantline.model.question import ChoiceQuestion, LocalizedText, Question, TextQuestion
from grantline.rules.answering import in_order
from grantline.rules.patterns import fault

MOST_QUESTIONS = 50
MOST_CHOICES = 100
MOST_LANGUAGES = 100
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")


def check(questions: Sequence[Question]) -> None:
    """Refuse questions that nobody could answer, or not everybody could read."""
    if len(questions) > MOST_QUESTIONS:
        raise InvalidInput(f"There are {len(questions)} questions; {MOST_QUESTIONS} at most.", target="questions")
    for place, question in enumerate(questions):
        path = f"questions/{place}"
        _check_languages(path, question.localizations)
        if isinstance(question, ChoiceQuestion):
            _check_choices(path, question)
        else:
            _check_pattern(path, question)


def identified(drafts: Sequence[Question], before: Sequence[Question] = ()) -> tuple[Question, ...]:
    """Return questions in the order they are asked, each with an id.

    A draft keeps the id it came with when that is one from before, or takes
    that of the question with the same text; all others are new.
    """
    free = {question.id: question for question in before}
    taken = [free.pop(draft.id).id if draft.id in free else "" for draft in drafts]
    by_text = {question.text: question.id for question in reversed(free.values())}
    ids = [one or by_text.pop(draft.text, None) or new_id() for one, draft in zip(taken, drafts, strict=True)]
    return in_order([replace(draft, id=id_) for id_, draft in zip(ids, drafts, strict=True)])


def _check_choices(path: str, question: ChoiceQuestion) -> None:
    if not 1 <= len(question.choices) <= MOST_CHOICES:
        raise InvalidInput(
            f"A multiple choice question has 1 to {MOST_CHOICES} choices; '{question.text}' has "
            f"{len(question.choices)}.",
            target=f"{path}/choices",
        )
    values = Counter(choice.value for choice in question.choices)
    for place, choice in enumerate(question.choices):
        inner = f"{path}/choices/{place}"
        if values[choice.value] > 1:
            raise InvalidInput(
                f"Several choices of '{question.text}' have the actualValue '{choice.value}'; give each its own.",
                target=f"{inner}/actualValue",
            )
        _check_languages(inner, choice.localizations)


def _check_pattern(path: str, question: TextQuestion) -> None:
    if question.pattern is not None and (says := fault(question.pattern)):
        raise InvalidInput(
            f"The regexPattern of '{question.text}' cannot be used: {says}. Patterns are of RE2, which has neither "
            "look-around nor back-references.",
            target=f"{path}/regexPattern",
        )


def _check_languages(path: str, localizations: Sequence[LocalizedText]) -> None:
    path = f"{path}/localizations"
    if len(localizations) > MOST_LANGUAGES:
        raise InvalidInput(f"{path} has {len(localizations)} entries, {MOST_LANGUAGES} at most.", target=path)
    seen: set[str] = set()
    for place, one in enumerate(localizations):
        if not LANGUAGE.fullmatch(one.language):
            raise InvalidInput(
                f"languageCode is a language such as fr or fr-CA, not '{one.language[:80]}'.",
                target=f"{path}/{place}/languageCode",
            )
        if one.language.lower() in seen:
            raise InvalidInput(f"{path} has {one.language} twice.", target=f"{path}/{place}/languageCode")
        seen.add(one.language.lower())
