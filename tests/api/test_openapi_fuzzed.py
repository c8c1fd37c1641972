"""Requests made from our own OpenAPI description, fitting and not: each is answered, and none finds a bug.

The cases are the same in every run; `--hypothesis-seed` tries others. schemathesis
takes seconds to load, which only the process that runs this should spend.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from grantline.persistence.database import Database
from tests.api.conftest import BASE, Clients
from tests.api.office import PAYROLL_ID, POLICY_ID, open_office
from tests.api.promised import description
from tests.cast import ADA, LEO, MIA, READERS, fixed_id

if TYPE_CHECKING:
    from schemathesis import APIOperation, Case

# Graph has it and we say so; a part that is down says so too, and none is here.
NOT_BUGS = {501}
IDS = (LEO.id, MIA.id, READERS.id, PAYROLL_ID, POLICY_ID, fixed_id("finance"), fixed_id("nobody"))
CASES = 500


@pytest.fixture
async def database(sqlite_database: Database) -> Database:
    """Stay with SQLite: what a statement means to another database is tried elsewhere."""
    await open_office(sqlite_database)
    return sqlite_database


@cache
def operations() -> list["APIOperation[Any, Any, Any, Any]"]:
    """Return every operation of the description."""
    import schemathesis  # noqa: PLC0415
    from schemathesis.core.result import Ok  # noqa: PLC0415

    found = schemathesis.openapi.from_dict(description()).get_all_operations()
    return [one.ok() for one in found if isinstance(one, Ok)]


@st.composite
def cases(draw: st.DrawFn) -> "Case[Any]":
    """Draw a request for any operation, half of them with what does not fit; ids are often those of something."""
    from schemathesis import GenerationMode  # noqa: PLC0415

    operation = draw(st.sampled_from(operations()))
    mode = draw(st.sampled_from((GenerationMode.POSITIVE, GenerationMode.NEGATIVE)))
    case = draw(operation.as_strategy(generation_mode=mode))
    for name in case.path_parameters or ():
        if name.endswith("_id") and draw(st.booleans()):
            case.path_parameters[name] = draw(st.sampled_from(IDS))
    return case


@pytest.mark.timeout(240)
@pytest.mark.filterwarnings("ignore")
@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(case=cases(), is_administrator=st.booleans())
async def test_no_request_of_our_description_finds_a_bug(
    as_: Clients, case: "Case[Any]", is_administrator: bool
) -> None:
    sent = case.as_transport_kwargs(base_url=BASE)
    known = ("method", "url", "params", "headers", "cookies", "json", "data", "content")
    request = {name: sent[name] for name in known if sent.get(name)}
    if isinstance(request.get("data"), bytes):
        request["content"] = request.pop("data")
    answer = await as_(ADA if is_administrator else MIA).request(**request)
    assert answer.status_code < 500 or answer.status_code in NOT_BUGS, (case.method, case.formatted_path, answer.text)
