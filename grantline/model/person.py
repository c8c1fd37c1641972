"""People and groups of the directory."""

from dataclasses import dataclass
from enum import StrEnum

from grantline.model.roles import Held

# Of an actor that is an application, the id begins with this: the trail tells the two kinds apart.
APPLICATION = "application:"
LONGEST_APP_ID = 100
LONGEST_NAME = 256


class KnownBy(StrEnum):
    """What of a person an OpenID provider may know them by; each is one person's alone, but for a shared mail."""

    ID = "id"
    USER_PRINCIPAL_NAME = "userPrincipalName"
    MAIL = "mail"
    EMPLOYEE_ID = "employeeId"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may ask, get or approve; or an application, where it stands as the one who asks or acts."""

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
        """Name the person as messages do: display name and sign-in name, or what is known of an application."""
        if self.is_application and self.display_name == self.user_principal_name:
            return f"The application {self.user_principal_name}"
        return f"{self.display_name} ({self.user_principal_name})"

    @property
    def is_application(self) -> bool:
        """Tell whether it is an application: no row of the directory, nobody to write to, nobody who decides."""
        return is_application(self.id)

    @property
    def name_on_record(self) -> str | None:
        """Return what a record keeps beside the id: an application's name. Of people the directory says it."""
        return self.display_name[:LONGEST_NAME] if self.is_application else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A named set of people that Grantline keeps itself."""

    id: str
    display_name: str
    description: str | None = None
    mail_nickname: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever does this: a signed-in person and what they may do, or an application of its own.

    `is_administrator` means Identity Governance Administrator, `held` are the roles
    beside that. What either is good for is in `rules/permissions`, and asked nowhere
    else. Of an application `person` is what names it in messages and in the trail; no
    row of the directory.
    """

    person: Person
    is_administrator: bool = False
    is_application: bool = False
    held: frozenset[Held] = frozenset()

    @property
    def id(self) -> str:
        """Return the person's id, or an application's behind `APPLICATION`."""
        return self.person.id


def application(app_id: str, display_name: str | None = None, *, held: frozenset[Held] | None = None) -> Actor:
    """Return an application as an actor: it does for itself what its permissions let it, as an administrator would.

    With `held` it has no permission but these roles. `app_id` is what its provider
    knows it by, at most `LONGEST_APP_ID` characters.
    """
    named = application_named(f"{APPLICATION}{app_id}", display_name)
    return Actor(person=named, is_administrator=held is None, is_application=True, held=held or frozenset())


def application_named(actor_id: str, display_name: str | None = None) -> Person:
    """Return what stands for an application where somebody asks or acts; without a name its id is one."""
    app_id = actor_id.removeprefix(APPLICATION)
    return Person(id=actor_id, user_principal_name=app_id, display_name=display_name or app_id)


def is_application(actor_id: str) -> bool:
    """Tell whether this is the id of an application, and no person's."""
    return actor_id.startswith(APPLICATION)


def actor_id(given: str) -> str:
    """Return an actor's id as records have it: a person's in lower case, an application's as its provider writes it."""
    return given if is_application(given) else given.lower()
