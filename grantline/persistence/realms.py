"""Catalogs somebody may look into, as conditions of lists and questions.

A list of several catalogs is put together of one list for each, so that every
one of them follows an index that begins with the catalog, and the page costs
what its rows cost. From `MOST_PARTS` catalogs on whoever asks sees so much that
going along the whole list finds a page soon.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, true

from grantline.rules.permissions import Realm

MOST_PARTS = 50


@dataclass(frozen=True, slots=True)
class Within:
    """A realm, and the column of a list that says in which catalog a row lies."""

    column: ColumnElement[Any]
    realm: Realm

    def condition(self) -> ColumnElement[bool]:
        """Hold for rows inside."""
        return inside(self.column, self.realm)

    def parts(self) -> Sequence[ColumnElement[bool]]:
        """Return conditions that are one catalog each, or a single one for everything."""
        ids = _ids(self.realm)
        if self.realm.is_everything or not 1 < len(ids) <= MOST_PARTS:
            return [self.condition()]
        return [self.column == catalog_id for catalog_id in ids]


def inside(column: ColumnElement[Any], realm: Realm) -> ColumnElement[bool]:
    """Hold where a column names a catalog of the realm."""
    ids = _ids(realm)
    if realm.is_everything:
        return true()
    if len(ids) == 1:
        return column == ids[0]
    return column.in_(ids) if ids else false()


def _ids(realm: Realm) -> list[str]:
    return sorted(catalog_id for catalog_id in realm.catalog_ids if catalog_id is not None)
