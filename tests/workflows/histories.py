"""Recorded histories: one per path, kept for ever and replayed by every build.

They are recorded by the very tests that walk the paths (`make histories`).
"""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle

FOLDER = Path(__file__).parent / "histories"
IDENTITY = "tests"

Keep = Callable[[str, WorkflowHandle[object, str]], Awaitable[None]]


async def keep(name: str, handle: WorkflowHandle[object, str]) -> None:
    """Write a workflow's history under the name of its path, unless that path has one: what is recorded stays."""
    if (FOLDER / f"{name}.json").exists():
        return
    history = json.loads((await handle.fetch_history()).to_json())
    text = json.dumps(_without_whereabouts(history), indent=1, sort_keys=True)
    (FOLDER / f"{name}.json").write_text(text + "\n")


async def keep_nothing(name: str, handle: WorkflowHandle[object, str]) -> None:
    """Check that the path has a recorded history, and write none."""
    del handle
    assert (FOLDER / f"{name}.json").exists(), f"no history is recorded for {name}; run make histories"


def _without_whereabouts(value: Any) -> Any:
    """Say nothing of the machine: who worked, and where its files are."""
    if isinstance(value, dict):
        named = {key: IDENTITY if key == "identity" else one for key, one in value.items() if key != "stackTrace"}
        return {key: _without_whereabouts(one) for key, one in named.items()}
    if isinstance(value, list):
        return [_without_whereabouts(one) for one in value]
    return value
