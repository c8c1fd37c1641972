"""What people and packages are called, as an expression beside their ids: for lists that are searched by name."""

from typing import Any

from sqlalchemy import ColumnElement, select

from grantline.persistence.tables import packages, people


def of_person(person_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the display name of whoever has this id; null of an application and of whoever was deleted."""
    them = people.alias()
    return select(them.c.display_name).where(them.c.id == person_id).scalar_subquery()


def of_package(package_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the display name of the package with this id."""
    return select(packages.c.display_name).where(packages.c.id == package_id).scalar_subquery()
