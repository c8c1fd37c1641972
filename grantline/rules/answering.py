"""What makes an answer good, and how answers are put on record."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grantline.errors import AnswerRequired, InvalidAnswer, Refused, UnknownQuestion
from grantline.model.question import Answer, ChoiceQuestion, GivenAnswer, Question, TextQuestion
from grantline.rules.patterns import matches

LONGEST_LINE = 256
LONGEST_TEXT = 4_000
MOST_NAMED = 10

Given = Sequence[tuple[int, str]]
"""The values given for one question, each with its place among all answers."""


def objection(questions: Sequence[Question], given: Sequence[GivenAnswer]) -> Refused | None:
    """Return what is wrong with these answers, first what is missing."""
    known = {question.id: question for question in questions}
    for place, answer in enumerate(given):
        if answer.question_id not in known:
            return _unknown(place, answer.question_id, questions)
    said = _by_question(given)
    if missing := [question for question in questions if question.is_required and question.id not in said]:
        names = " and ".join(named(question) for question in missing[:MOST_NAMED])
        return AnswerRequired(f"The policy wants an answer to {names}.", target="answers")
    return next((refusal for id_, values in said.items() if (refusal := _judged(known[id_], values))), None)


def as_asked(questions: Sequence[Question], given: Sequence[GivenAnswer]) -> tuple[Answer, ...]:
    """Return answers that nothing speaks against, in the order of the questions.

    What was left blank is left out, unless approvers may answer it: it is kept without a value.
    """
    said = _by_question(given)
    return tuple(
        Answer(question=one, values=_values(one, said.get(one.id, ())))
        for one in questions
        if one.id in said or one.is_answer_editable
    )


def edited(answers: Sequence[Answer], given: Sequence[GivenAnswer]) -> tuple[Answer, ...]:
    """Return the answers with an approver's in place of the requestor's, or raise why that may not be.

    Only where the question allows it; what the requestor left blank is answered
    that way too, and a blank takes an answer away that is not required.
    """
    questions = [one.question for one in answers]
    if refusal := next(
        (against for place, one in enumerate(given) if (against := _locked(place, one, questions))), None
    ):
        raise refusal
    said = {one.question_id for one in given}
    touched = [question for question in questions if question.id in said]
    if refusal := objection(touched, given):
        raise refusal
    anew = {one.question.id: one.values for one in as_asked(touched, given)}
    return tuple(
        replace(one, values=anew.get(one.question.id, ())) if one.question.id in said else one for one in answers
    )


def in_order(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Return questions as they are asked: by `sequence`, equal ones as they were written."""
    return tuple(sorted(questions, key=lambda question: question.sequence))


def named(question: Question) -> str:
    """Name a question in a message."""
    return f"'{question.text}' ({question.id})"


def _by_question(given: Sequence[GivenAnswer]) -> Mapping[str, Given]:
    said: dict[str, list[tuple[int, str]]] = {}
    for place, answer in enumerate(given):
        if value := answer.value.strip():
            said.setdefault(answer.question_id, []).append((place, value))
    return said


def _locked(place: int, given: GivenAnswer, questions: Sequence[Question]) -> Refused | None:
    question = next((one for one in questions if one.id == given.question_id), None)
    where = f"answers/{place}/answeredQuestion/id"
    if question is None:
        asked = ", ".join(named(one) for one in questions[:MOST_NAMED]) or "nothing"
        return UnknownQuestion(
            f"The request has no question {given.question_id} to answer; it has {asked}.", target=where
        )
    if not question.is_answer_editable:
        return InvalidAnswer(
            f"The answer to {named(question)} is not for approvers to edit; the policy's isAnswerEditable says so.",
            target=where,
        )
    return None


def _values(question: Question, given: Given) -> tuple[str, ...]:
    values = [value for _, value in given]
    if isinstance(question, ChoiceQuestion):
        return tuple(choice.value for choice in question.choices if choice.value in values)
    return tuple(values)


def _unknown(place: int, question_id: str, questions: Sequence[Question]) -> Refused:
    asked = ", ".join(named(question) for question in questions[:MOST_NAMED])
    right = f"it asks {asked}" if asked else "it asks none; send the request without answers"
    return UnknownQuestion(
        f"The policy does not ask the question {question_id}; {right}.",
        target=f"answers/{place}/answeredQuestion/id",
    )


def _judged(question: Question, given: Given) -> Refused | None:
    is_choice = isinstance(question, ChoiceQuestion)
    if len(given) > 1 and not (is_choice and question.allows_several):
        return _invalid(question, given[1][0], f"takes one answer; {len(given)} were given")
    if not is_choice:
        return _judged_text(question, *given[0])
    offered = [choice.value for choice in question.choices]
    for place, value in given:
        if value not in offered:
            return _invalid(question, place, f"has no choice '{value[:80]}'; choose of {', '.join(offered)}")
    return None


def _judged_text(question: TextQuestion, place: int, text: str) -> Refused | None:
    longest = LONGEST_LINE if question.is_single_line else LONGEST_TEXT
    if len(text) > longest:
        return _invalid(question, place, f"takes {longest} characters; {len(text)} were given")
    if question.is_single_line and len(text.splitlines()) > 1:
        return _invalid(question, place, "takes a single line")
    if question.pattern is not None and not matches(question.pattern, text):
        return _invalid(question, place, f"takes what matches {question.pattern}; '{text[:80]}' does not")
    return None


def _invalid(question: Question, place: int, says: str) -> Refused:
    return InvalidAnswer(f"The question {named(question)} {says}.", target=f"answers/{place}/value")
