"""Telling those who stand in for an approver that a stage waits for them too, and for whom they would decide."""

from collections.abc import Sequence
from datetime import datetime

from grantline.model.request import Stage
from grantline.persistence import delegations
from grantline.persistence.database import Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.rules.approvers import Approver
from grantline.rules.voices import voices
from grantline.services.sending import mailing


async def tell(
    tx: Transaction, story: RequestOnRecord, stage: Stage, approvers: Sequence[Approver], at: datetime
) -> None:
    """Mail whoever stands in for these approvers, who were just asked, at this instant."""
    asked = [approver.person for approver in approvers]
    stand_ins = await delegations.stand_ins(tx, [one.id for one in asked], at)
    heard = voices(asked, stand_ins, requestor_id=story.requestor.id, target_id=story.target.id)
    mailing.asked_in_place(tx, story, stage, heard, at)
