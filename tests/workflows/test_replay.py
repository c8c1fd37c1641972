"""Every history ever recorded replays: a change of a workflow that would break a running one breaks this first.

A history is deleted only together with the decision record that says no such run is alive.
"""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.workflow import NondeterminismError

from tests.workflows.histories import FOLDER
from workflows.fleet import build_replayer

HISTORIES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_it_replays(path: Path) -> None:
    await build_replayer().replay_workflow(WorkflowHistory.from_json(path.stem, path.read_text()))


async def test_there_are_histories_of_every_workflow() -> None:
    assert {path.stem.partition("-")[0] for path in HISTORIES} == {
        "request",
        "assignment",
        "package",
        "housekeeping",
        "drift",
        "correction",
    }


async def test_a_replay_notices_another_order_of_things() -> None:
    history = json.loads((FOLDER / "request-approved.json").read_text())
    for event in history["events"]:
        if "startChildWorkflowExecutionInitiatedEventAttributes" in event:
            event["startChildWorkflowExecutionInitiatedEventAttributes"]["workflowId"] = "another"
    with pytest.raises(NondeterminismError):
        await build_replayer().replay_workflow(WorkflowHistory.from_json("changed", json.dumps(history)))


def test_no_history_says_where_it_was_recorded() -> None:
    for path in HISTORIES:
        assert '"identity": "tests"' in path.read_text(), path.name
