"""Answers: what a question takes, what it refuses, and that no pattern holds anybody up."""

from typing import Any

import pytest

from grantline.errors import AnswerRequired, InvalidAnswer, Refused, UnknownQuestion
from grantline.model.question import Answer, Choice, ChoiceQuestion, GivenAnswer, Question, TextQuestion
from grantline.rules.answering import LONGEST_LINE, LONGEST_TEXT, as_asked, in_order, objection
from grantline.rules.patterns import LARGEST_PROGRAM, LONGEST_PATTERN, fault, matches
from tests.rules.cases import ask, case, policy, refusal

LINE = TextQuestion(id="line", text="Which cost center?", is_single_line=True, pattern="[0-9]{4}")
FREE = TextQuestion(id="free", text="Cost center in words?", is_single_line=True)
LONG = TextQuestion(id="long", text="What for?", is_required=True)
PLACES = tuple(Choice(value=value, text=text) for value, text in (("KE", "Kenya"), ("GY", "Guyana"), ("JP", "Japan")))
ONE = ChoiceQuestion(id="one", text="Where from?", choices=PLACES)
MANY = ChoiceQuestion(id="many", text="Where to?", choices=PLACES, allows_several=True)
ALL: tuple[Question, ...] = (LINE, FREE, LONG, ONE, MANY)


def given(**answers: str) -> tuple[GivenAnswer, ...]:
    """Return answers by the ids of their questions; `many` splits at commas."""
    return tuple(
        GivenAnswer(question_id=id_, value=value)
        for id_, values in answers.items()
        for value in (values.split(",") if id_ == "many" else [values])
    )


@pytest.mark.parametrize(
    ("story", "answers"),
    [
        ("only what is required", given(long="Because.\nAnd because.")),
        ("everything", given(line="4711", free="ü", long="x", one="KE", many="JP,KE")),
        ("blanks where nothing is required", given(line="  ", long="x", one="", many="")),
        ("spaces around do not count", given(line=" 4711 ", long=" x ", one=" KE\n")),
        ("as long as may be", given(free="x" * LONGEST_LINE, long="y" * LONGEST_TEXT)),
        ("the same choice twice", given(long="x", many="KE,KE")),
    ],
)
def test_good_answers(story: str, answers: tuple[GivenAnswer, ...]) -> None:
    assert objection(ALL, answers) is None, story


@pytest.mark.parametrize(
    ("story", "answers", "error", "target", "says"),
    [
        ("nothing", (), AnswerRequired, "answers", "'What for?' (long)"),
        ("a blank", given(long=" \n"), AnswerRequired, "answers", "'What for?' (long)"),
        (
            "not asked",
            given(long="x", else_="y"),
            UnknownQuestion,
            "answers/1/answeredQuestion/id",
            "'Where from?' (one)",
        ),
        ("not asked, and blank", given(else_=""), UnknownQuestion, "answers/0/answeredQuestion/id", "else_"),
        ("no choice", given(long="x", one="US"), InvalidAnswer, "answers/1/value", "KE, GY, JP"),
        ("a choice's text", given(long="x", one="Kenya"), InvalidAnswer, "answers/1/value", "'Kenya'"),
        ("a choice in other letters", given(long="x", one="ke"), InvalidAnswer, "answers/1/value", "'ke'"),
        ("one of many is none", given(long="x", many="KE,US"), InvalidAnswer, "answers/2/value", "'US'"),
        (
            "two where one is taken",
            (*given(long="x", one="KE"), *given(one="JP")),
            InvalidAnswer,
            "answers/2/value",
            "takes one answer",
        ),
        ("two texts", (*given(long="x"), *given(long="y")), InvalidAnswer, "answers/1/value", "takes one answer"),
        ("no match", given(long="x", line="47112"), InvalidAnswer, "answers/1/value", "[0-9]{4}"),
        ("a match inside is none", given(long="x", line="x4711"), InvalidAnswer, "answers/1/value", "'x4711'"),
        ("two lines", given(long="x", free="a\nb"), InvalidAnswer, "answers/1/value", "single line"),
        ("a long line", given(long="x", free="y" * 257), InvalidAnswer, "answers/1/value", "256 characters; 257"),
        ("a long text", given(long="x" * 4001), InvalidAnswer, "answers/0/value", "4000 characters; 4001"),
    ],
)
def test_bad_answers_name_the_question_and_what_is_right(
    story: str, answers: tuple[GivenAnswer, ...], error: type[Refused], target: str, says: str
) -> None:
    refused = objection(ALL, answers)
    assert (type(refused), refused and refused.target) == (error, target), (story, refused)
    assert says in str(refused), story


def test_all_missing_answers_are_named_at_once() -> None:
    questions = [TextQuestion(id=str(n), text=f"Q{n}", is_required=True) for n in range(2)]
    assert str(objection(questions, ())) == "The policy wants an answer to 'Q0' (0) and 'Q1' (1)."


def test_answers_are_kept_with_their_questions_in_the_order_of_the_questions() -> None:
    kept = as_asked(ALL, (*given(many="JP,KE,JP"), *given(long=" x ", line="")))
    assert kept == (Answer(question=LONG, values=("x",)), Answer(question=MANY, values=("KE", "JP")))


def test_questions_are_asked_by_their_sequence() -> None:
    questions = [TextQuestion(id=id_, text=id_, sequence=n) for id_, n in (("c", 2), ("a", -1), ("d", 2), ("b", 0))]
    assert [question.id for question in in_order(questions)] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [((), "answerRequired"), (given(long="x"), None), (given(long="x", else_="y"), "unknownQuestion")],
)
def test_a_request_under_a_policy_with_questions_answers_them(answers: Any, expected: str | None) -> None:
    refused = refusal(case(policy(questions=ALL), ask=ask(answers=answers)))
    assert (refused and refused.code) == expected


def test_a_policy_that_asks_nothing_takes_no_answers() -> None:
    refused = refusal(case(ask=ask(answers=given(long="x"))))
    assert isinstance(refused, UnknownQuestion)
    assert "without answers" in str(refused)


@pytest.mark.parametrize("pattern", ["(a*)*b", "(a|aa)+b", "(a+)+b", "(.*a){40}b", "([ab]{0,31}){31}c"])
def test_no_pattern_takes_long(pattern: str) -> None:
    # An engine that tries a text a second way needs longer than the universe has for these; the time-out would tell.
    assert fault(pattern) is None
    assert not matches(pattern, "a" * LONGEST_TEXT)


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(", "missing )"),
        ("(?=a)", "invalid perl operator"),
        (r"(a)\1", "invalid escape sequence"),
        ("x" * (LONGEST_PATTERN + 1), "at most"),
        (r"(\pL?){900}", "pattern too large"),
        (r"\p{L}{1,40}", "pattern too large"),
    ],
)
def test_a_pattern_that_cannot_be_used_says_why(pattern: str, says: str) -> None:
    assert says in (fault(pattern) or ""), f"programs have {LARGEST_PROGRAM} instructions at most"


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("[a-zA-Z]+[a-zA-Z\\s]*", "I teach", True),
        ("[a-zA-Z]+[a-zA-Z\\s]*", "4 days", False),
        (r"\p{L}+", "Übergröße", True),
        (r"^\d+$", "12", True),
        (".", "🙂", True),
    ],
)
def test_patterns_match_whole_texts_of_any_script(pattern: str, text: str, *, expected: bool) -> None:
    assert fault(pattern) is None
    assert matches(pattern, text) is expected
