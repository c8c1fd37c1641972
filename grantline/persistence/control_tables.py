"""The table of switches that hold for everybody."""

from sqlalchemy import Boolean, Column, String, Table

from grantline.persistence.columns import metadata
from grantline.persistence.instants import Instant

controls = Table(
    "controls",
    metadata,
    Column("name", String(64), primary_key=True, comment="a switch without a row stands at its default"),
    Column("is_on", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
