"""Whose word counts in an open stage, at one instant.

The approvers whom the stage waits for, and whoever stands in for one of them.
Neither requestor nor target, by whatever delegation; no disabled account; and
nobody stands in for an approver whose own word would not count. Every door
asks here: decisions of the API, forged signals, pages, explanations, mail and
reminders. Lists ask the database the same (`persistence/delegations.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from grantline.model.delegation import StandIn
from grantline.model.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Somebody who may decide: in their own name, or for an approver."""

    person: Person
    stands_in_for: Person | None = None

    @property
    def approver(self) -> Person:
        """Return the approver by whose right the voice counts."""
        return self.stands_in_for or self.person

    def __str__(self) -> str:
        """Name the voice as messages do."""
        name = self.person.display_name
        return f"{name} for {self.stands_in_for.display_name}" if self.stands_in_for else name


def voices(
    waiting: Iterable[Person], stand_ins: Iterable[StandIn], *, requestor_id: str, target_id: str
) -> tuple[Voice, ...]:
    """Return everybody whose word counts, each person once, those in their own name first.

    `waiting` are the approvers whom the open stage waits for, `stand_ins` the
    delegates of these at the instant asked about; others' delegates count for nothing.
    """
    own = {requestor_id, target_id}
    found: dict[str, Voice] = {
        one.id: Voice(person=one) for one in waiting if one.account_enabled and one.id not in own
    }
    approvers = frozenset(found)
    for one in stand_ins:
        person = one.person
        if one.stands_in_for.id in approvers and person.account_enabled and person.id not in own:
            found.setdefault(person.id, Voice(person=person, stands_in_for=one.stands_in_for))
    return tuple(found.values())


def voice_of(person_id: str, among: Iterable[Voice]) -> Voice | None:
    """Return by what right a person may decide; None: by none."""
    return next((voice for voice in among if voice.person.id == person_id), None)
