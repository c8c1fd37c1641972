"""One assignment: the access is given, held, and taken back.

    delivering ──► delivered | partiallyDelivered ──► ending ──► expired
        └────────► deliveryFailed (nothing was given) ──┘

While it is held its end is announced, 14 days and 1 day before, and can be moved;
what it gives can be brought about once more, or change with its package.

The access is already owed when this begins; what each grant should be is the
database's word at every moment, so giving and taking back is the same act: bring
the target system to what is wanted now. Giving has limits, taking back has none.
"""

import asyncio
from collections import deque
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from activities.provisioning import Provisioning
from activities.recording import Recording
from grantline.model.assignment import AssignmentState
from grantline.model.briefing import (
    AssignmentBriefing,
    Delivery,
    Ending,
    ExtendSignal,
    LookSignal,
    RemoveSignal,
    ReprocessSignal,
)
from workflows.alarm import Alarm
from workflows.deliveries import Deliveries
from workflows.messages import DUE_AT, STATE, instant, short, table
from workflows.recorded import is_about_nothing, reason_of, record
from workflows.targets import Targets


@workflow.defn
class AssignmentWorkflow:
    """Holds one assignment; its id is `assignment-<id>`."""

    @workflow.init
    def __init__(self, briefing: AssignmentBriefing) -> None:
        self._briefing = briefing
        self._ends_at = briefing.ends_at
        self._notices = briefing.notices
        self._waits_for_notice = False
        self._is_delivered = briefing.is_delivered
        self._ending: Ending | None = None
        self._gifts: dict[str, asyncio.Task[str | None]] = {}
        self._failures: dict[str, str] = {}
        self._recorded: AssignmentState | None = None
        self._removals: deque[RemoveSignal] = deque()
        self._extensions: deque[ExtendSignal] = deque()
        self._reprocesses: deque[ReprocessSignal] = deque()
        self._targets = Targets()
        self._deliveries = Deliveries(self._targets)
        self._is_partial = briefing.state is AssignmentState.PARTIALLY_DELIVERED
        self._alarm = Alarm()
        self._shown = (briefing.state, briefing.ends_at)

    @workflow.signal(description="Somebody ended the assignment. Without removal_id it is judged first.")
    def remove(self, signal: RemoveSignal | None = None) -> None:
        """Hear of a removal. An empty signal, possible by hand, says nothing."""
        if signal is not None:
            self._removals.append(signal)

    @workflow.signal(description="Somebody moved the end. Without extension_id it is judged first.")
    def extend(self, signal: ExtendSignal | None = None) -> None:
        """Hear of an extension. An empty signal, possible by hand, says nothing."""
        if signal is not None:
            self._extensions.append(signal)

    @workflow.signal(description="Somebody did by hand what is waited for, or refused to. By hand it changes nothing.")
    def look(self, signal: LookSignal | None = None) -> None:
        """Hear that the record is worth another look. An empty signal, possible by hand, says nothing."""
        if signal is not None:
            self._targets.look()

    @workflow.signal(description="What it gives shall be brought about. Without reprocess_id it is judged first.")
    def reprocess(self, signal: ReprocessSignal | None = None) -> None:
        """Hear that there is something to bring about. An empty signal, possible by hand, says nothing."""
        if signal is not None:
            self._reprocesses.append(signal)

    @workflow.run
    async def run(self, briefing: AssignmentBriefing) -> str:
        """Live as long as the access; return why it ended."""
        del briefing
        while True:
            try:
                return await self._live()
            except BaseException as interruption:
                # Cancelling the workflow is no door: access would stay with nobody to end it. The signal `remove` is.
                if not is_cancelled_exception(interruption):
                    raise
                workflow.logger.warning("a cancellation of the workflow itself was ignored; send the signal instead")

    async def _live(self) -> str:
        if self._ending is None and self._briefing.state is AssignmentState.ENDING:
            self._ending = await self._ask_for_end()
        if self._ending is None and self._briefing.state is AssignmentState.DELIVERY_FAILED:
            self._ending = await self._abandon()
        if self._ending is None and not self._is_delivered:
            self._ending = await self._deliver()
        if self._ending is None and self._nothing_was_given():
            self._ending = await self._abandon()
        if self._ending is None:
            self._ending = await self._hold()
        await self._take_back(self._ending)
        return self._ending.cause.value if self._ending.cause else AssignmentState.DELIVERY_FAILED.value

    async def _deliver(self) -> Ending | None:
        """Give everything, and put the outcome on record; return early if the end comes first."""
        self._show(AssignmentState.DELIVERING)
        if not self._gifts and await self._deliver_at_once():
            return None
        self._set_alarm()
        if not self._gifts:
            self._gifts = {
                grant.grant_id: asyncio.create_task(self._targets.give(grant)) for grant in self._briefing.grants
            }
        while not self._all_given():
            await workflow.wait_condition(
                lambda: self._all_given() or bool(self._removals) or bool(self._reprocesses) or self._alarm.rang
            )
            if self._is_asked_to_end():
                if ending := await self._ask_for_end():
                    for gift in self._gifts.values():
                        gift.cancel()
                    return ending
            elif self._alarm.rang:
                # What is not delivered yet is not announced to end; the notice is given when it is held.
                self._set_alarm(announcing=False)
            elif self._reprocesses:
                await self._hear_reprocess()
        self._failures = {grant_id: reason for grant_id, gift in self._gifts.items() if (reason := gift.result())}
        self._recorded = await record(
            Recording.record_delivery, self._briefing.assignment_id, self._failures, summary="record what was delivered"
        )
        is_partial = self._recorded in (None, AssignmentState.PARTIALLY_DELIVERED)
        self._is_delivered, self._is_partial = True, bool(self._failures) and is_partial
        return None

    async def _deliver_at_once(self) -> bool:
        """Give everything in one stroke if it all lies in our own database; tell whether that was it."""
        grants = self._briefing.grants
        if not grants or not all(grant.is_kept_here for grant in grants):
            return False
        summary = f"grant {', '.join(grant.summary for grant in grants)}"
        given = await record(Provisioning.deliver_at_once, self._briefing.assignment_id, summary=short(summary))
        if given is None:
            return False
        if isinstance(given, Delivery):
            self._alarm.know(given.at)
            given = given.failures
        self._failures = dict(given)
        self._is_delivered, self._is_partial = True, bool(given)
        return True

    async def _abandon(self) -> Ending | None:
        """Nothing was given: end at once, so that the package can be asked for again."""
        self._show(AssignmentState.DELIVERY_FAILED)
        ending = await record(
            Recording.abandon,
            self._briefing.assignment_id,
            workflow.now(),
            summary="end: nothing could be delivered",
        )
        return ending if ending.is_ended else None

    def _all_given(self) -> bool:
        return all(gift.done() for gift in self._gifts.values())

    async def _hold(self) -> Ending:
        """Wait until the access must end; the end may move while it is waited for."""
        self._show(self._held_state())
        while True:
            self._set_alarm()
            is_idle = not self._removals and not self._extensions and not self._reprocesses
            if is_idle and self._deliveries.are_idle and workflow.info().is_continue_as_new_suggested():
                held = replace(self._briefing, ends_at=self._ends_at, notices=self._notices, is_delivered=True)
                workflow.continue_as_new(replace(held, state=self._held_state()))
            await workflow.wait_condition(
                lambda: (
                    bool(self._removals)
                    or bool(self._extensions)
                    or bool(self._reprocesses)
                    or self._deliveries.have_outcome
                    or self._alarm.rang
                ),
            )
            if ending := await self._attend():
                return ending
            self._show(self._held_state())

    async def _attend(self) -> Ending | None:
        """See to one thing that woke the workflow; return how the access ends, if it does."""
        if self._extensions and not self._removals:
            await self._hear_extension()
        elif self._is_asked_to_end():
            return await self._ask_for_end()
        elif self._alarm.rang:
            await self._give_notice()
        elif self._reprocesses:
            await self._hear_reprocess()
        else:
            await self._record_redelivery()
        return None

    async def _give_notice(self) -> None:
        """Let the end be announced, and learn when to come back."""
        standing = await record(
            Recording.give_notice,
            self._briefing.assignment_id,
            workflow.now(),
            summary=f"announce the end, {instant(self._ends_at)}",
        )
        self._ends_at, self._notices = standing.ends_at, standing.notices

    async def _hear_extension(self) -> None:
        """Ask the database until when the access lasts now."""
        signal = self._extensions.popleft()
        assignment_id = self._briefing.assignment_id
        try:
            standing = await record(
                Recording.hear_extension, assignment_id, workflow.now(), signal, summary="hear: the end has moved"
            )
        except FailureError as failure:
            if is_cancelled_exception(failure):
                self._extensions.appendleft(signal)
                raise
            if is_about_nothing(failure):
                raise
            workflow.logger.warning("a signal was ignored: %s", reason_of(failure))
        else:
            self._move_end(standing)

    async def _hear_reprocess(self) -> None:
        """Ask the database what is to be brought about, and set to work on it."""
        signal = self._reprocesses.popleft()
        assignment_id = self._briefing.assignment_id
        try:
            heard = await record(
                Recording.hear_reprocess, assignment_id, signal, summary="hear: bring about what is wanted"
            )
        except FailureError as failure:
            if is_cancelled_exception(failure):
                self._reprocesses.appendleft(signal)
                raise
            if is_about_nothing(failure):
                raise
            workflow.logger.warning("a signal was ignored: %s", reason_of(failure))
        else:
            self._briefing = replace(self._briefing, grants=heard.grants or self._briefing.grants)
            self._deliveries.begin(heard.gives, heard.takes)

    async def _record_redelivery(self) -> None:
        """Put on record what became of what was brought about beside the holding."""
        failures = self._deliveries.outcome()
        state = await record(
            Recording.record_redelivery,
            self._briefing.assignment_id,
            failures,
            summary="record what was brought about",
        )
        self._deliveries.close()
        self._failures, self._is_partial = failures, state is AssignmentState.PARTIALLY_DELIVERED

    async def _ask_for_end(self) -> Ending | None:
        """Ask the database whether the access ends now; None if it goes on."""
        signal = self._removals.popleft() if self._removals else None
        why = "end: the time is up" if signal is None else "end: removal was asked for"
        assignment_id = self._briefing.assignment_id
        try:
            ending = await self._end_at_once(why) if signal is None else None
            if ending is None:
                ending = await record(Recording.end, assignment_id, workflow.now(), signal, summary=why)
        except FailureError as failure:
            if is_cancelled_exception(failure):
                if signal is not None:
                    self._removals.appendleft(signal)
                raise
            if signal is None or is_about_nothing(failure):
                raise
            # A message made by hand that cannot even be judged changes nothing.
            workflow.logger.warning("a signal was ignored: %s", reason_of(failure))
            return None
        if ending.is_ended:
            return ending
        self._move_end(ending)
        self._set_alarm()
        return None

    async def _end_at_once(self, why: str) -> Ending | None:
        """End it in one stroke if everything lies in our own database; None if that cannot be."""
        is_ours = all(grant.is_kept_here for grant in self._briefing.grants)
        if not (self._briefing.ends_at_once and self._is_delivered and is_ours):
            return None
        assignment_id = self._briefing.assignment_id
        return await record(Provisioning.end_at_once, assignment_id, workflow.now(), summary=why)

    def _move_end(self, standing: Ending) -> None:
        """Take the end over from the record; notices that are still owed for the same end stay owed."""
        if standing.ends_at != self._ends_at:
            self._ends_at, self._notices = standing.ends_at, standing.notices

    async def _take_back(self, ending: Ending) -> None:
        """Revoke what nobody needs any more, without ever giving up, and close the record."""
        self._alarm.stop()
        self._deliveries.stop()
        if ending.is_taken_back:
            self._show(AssignmentState.EXPIRED)
            return
        self._show(AssignmentState.ENDING)
        grants = ending.grants or self._briefing.grants
        await asyncio.gather(*(self._targets.revoke(grant) for grant in grants))
        await record(Recording.record_ended, self._briefing.assignment_id, summary="record that the access is gone")
        self._show(AssignmentState.EXPIRED)

    def _nothing_was_given(self) -> bool:
        """Tell whether delivery failed whole: by the record, for the package may give less than when this began."""
        if self._recorded is not None:
            return self._recorded is AssignmentState.DELIVERY_FAILED
        return bool(self._failures) and len(self._failures) == len(self._briefing.grants)

    def _is_asked_to_end(self) -> bool:
        return bool(self._removals) or (self._alarm.rang and not self._waits_for_notice)

    def _set_alarm(self, *, announcing: bool = True) -> None:
        """Wait for what comes first: a notice, if its time is for announcing, or the end."""
        self._waits_for_notice = announcing and bool(self._notices)
        if self._waits_for_notice:
            at = self._notices[0]
            self._alarm.set(at, f"notice of the end of the access, {instant(at)}")
        else:
            self._alarm.set(self._ends_at, f"end of the access, {instant(self._ends_at)}")

    def _held_state(self) -> AssignmentState:
        return AssignmentState.PARTIALLY_DELIVERED if self._is_partial else AssignmentState.DELIVERED

    def _show(self, state: AssignmentState) -> None:
        """Tell operators what is so now. The search attributes cost an event, so only when they change."""
        names = {grant.grant_id: grant.summary for grant in self._briefing.grants}
        workflow.set_current_details(
            table(
                {
                    "State": state.value,
                    "Grants": ", ".join(names.values()),
                    "Ends": instant(self._ends_at) or "never",
                    "Ended because": self._ending.cause.value if self._ending and self._ending.cause else None,
                    **{f"Failed: {names.get(grant_id, grant_id)}": why for grant_id, why in self._failures.items()},
                }
            )
        )
        if (showing := (state, self._ends_at)) == self._shown:
            return
        self._shown = showing
        due = DUE_AT.value_unset() if self._ends_at is None else DUE_AT.value_set(self._ends_at)
        workflow.upsert_search_attributes([STATE.value_set(state.value), due])
