"""The doors to the world. They may fail, may run twice, and are retried; so each is safe to repeat."""

from collections.abc import Callable, Collection
from typing import Any

from activities.changing import Changing
from activities.provisioning import Provisioning
from activities.recording import Recording
from activities.upkeep import Upkeep
from grantline.connectors.base import Connectors
from grantline.persistence.database import Database


def doors(
    database: Database, connectors: Connectors, *, administrators: Collection[str] = ()
) -> list[Callable[..., Any]]:
    """Return every activity a worker serves, with its dependencies in place."""
    recording = Recording(database, administrators)
    changing = Changing(database)
    upkeep = Upkeep(database, connectors)
    provisioning = Provisioning(database, connectors)
    return [
        recording.progress,
        recording.hear_decision,
        recording.hear_cancellation,
        recording.expire_stage,
        recording.remind_stage,
        recording.escalate_stage,
        recording.time_out_callout,
        recording.begin,
        recording.record_delivery,
        recording.end,
        recording.hear_extension,
        recording.hear_reprocess,
        recording.record_redelivery,
        recording.give_notice,
        recording.abandon,
        recording.record_ended,
        provisioning.deliver_at_once,
        provisioning.end_at_once,
        provisioning.apply,
        provisioning.withdraw,
        changing.advance,
        upkeep.find_lost,
        upkeep.find_lost_changes,
        upkeep.purge_mail,
        upkeep.target_systems,
        upkeep.check_drift,
    ]
