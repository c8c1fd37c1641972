"""How values cross Temporal: as JSON that pydantic writes and checks.

The SDK makes a payload converter per workflow, and pydantic's keeps what it has
learnt about a type to itself; learning the types anew was a tenth of a worker's
work. Here all of them share one memory.
"""

from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter

_SHARED = tuple(PydanticPayloadConverter().converters.values())


class SharedPayloadConverter(CompositePayloadConverter):
    """Pydantic's converter, however many there are of it."""

    def __init__(self) -> None:
        super().__init__(*_SHARED)


DATA_CONVERTER = DataConverter(payload_converter_class=SharedPayloadConverter)
"""What every client, worker and replayer of ours must be given."""
