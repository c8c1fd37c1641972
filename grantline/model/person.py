"""People and groups of the directory."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may ask, get or approve."""

    id: str
    user_principal_name: str
    display_name: str
    mail: str | None = None
    job_title: str | None = None
    department: str | None = None
    employee_id: str | None = None
    account_enabled: bool = True
    manager_id: str | None = None

    def __str__(self) -> str:
        """Name the person as messages do: display name and sign-in name."""
        return f"{self.display_name} ({self.user_principal_name})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A named set of people that Grantline keeps itself."""

    id: str
    display_name: str
    description: str | None = None
    mail_nickname: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever does this: a signed-in person and what they may do.

    `is_administrator` means Identity Governance Administrator.
    """

    person: Person
    is_administrator: bool = False

    @property
    def id(self) -> str:
        """Return the person's id."""
        return self.person.id
