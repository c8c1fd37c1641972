"""Editing the answers of a request that waits for approval, by those it waits for (EF-055).

Under the request's lock, so that whoever decides next decides on what they
could read. What was there before stays in the trail.
"""

from collections.abc import Sequence
from dataclasses import replace

from grantline.ambient import utc_now
from grantline.errors import InvalidInput
from grantline.model.event import EventType
from grantline.model.person import Actor
from grantline.model.question import Answer, GivenAnswer
from grantline.persistence import requests
from grantline.persistence.database import Database
from grantline.rules.answering import edited
from grantline.services import sight, trail
from grantline.services.approvals.decisions import may_speak


async def edit(db: Database, actor: Actor, request_id: str, given: Sequence[GivenAnswer]) -> tuple[Answer, ...]:
    """Put other answers in place of some, judged as the first were, and return them all; or raise why not."""
    if not given:
        raise InvalidInput("answers is empty; send the answers that change.", target="answers")
    now = utc_now()
    async with db.write() as tx:
        story, everything = await sight.seen(tx, actor, request_id, lock=True)
        found, _ = may_speak(story, everything, actor.person, None, now)
        before = story.request.answers
        after = edited(before, given)
        if after != before:
            await requests.edit_answers(tx, replace(story.request, answers=after))
            edits = [
                {"id": new.question.id, "question": new.question.text, "before": old.values, "after": new.values}
                for old, new in zip(before, after, strict=True)
                if old != new
            ]
            details = {"stage": found.stage.number, "edits": edits}
            tx.audit(trail.about_request(story, EventType.ANSWERS_EDITED, now, actor_id=actor.id, details=details))
    return after
