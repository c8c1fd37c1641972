"""The examples of docs/how-to/explain.md have the shape of what is really answered."""

import json
import re
from typing import Any

from grantline.persistence.database import Database
from tests.architecture.house import ROOT
from tests.docs.explain_story import play

PAGE = ROOT / "docs/how-to/explain.md"


def shape(value: Any) -> Any:
    """Return the names of a JSON value, and of what kind each value is."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return type(value).__name__


async def test_every_example_has_the_shape_of_what_is_answered(database: Database) -> None:
    text = PAGE.read_text(encoding="utf-8")
    examples = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, flags=re.DOTALL)]
    assert [shape(one) for one in examples] == [shape(one) for one in await play(database)]
