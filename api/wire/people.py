"""Users and groups on the wire: Graph's directory objects, and the bodies that make and change them."""

from datetime import datetime
from typing import Annotated, NotRequired, cast

from pydantic import AfterValidator, Field, StringConstraints

from api.wire.base import Body, Day, Name, Text, Truth, referenced_id
from api.wire.shapes import PerhapsTyped
from grantline.model.person import Group
from grantline.persistence.people import Profile
from grantline.services.directory.people_and_groups import GroupFields, PersonFields

USER_TYPE = "#microsoft.graph.user"
GROUP_TYPE = "#microsoft.graph.group"

USER_DEFAULTS = frozenset(
    {
        "businessPhones",
        "displayName",
        "givenName",
        "id",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
    }
)
"""What Graph shows of a user without `$select`."""


class UserOut(PerhapsTyped):
    """A person of the directory.

    What may be left out is there if `$select` named it. Names, phones and places
    are not kept; clients select them by habit and get null.
    """

    id: str
    displayName: str
    userPrincipalName: str
    mail: str | None
    jobTitle: str | None
    businessPhones: list[str]
    givenName: str | None
    surname: str | None
    mobilePhone: str | None
    officeLocation: str | None
    preferredLanguage: str | None
    department: NotRequired[str | None]
    employeeId: NotRequired[str | None]
    employeeHireDate: NotRequired[str | None]
    accountEnabled: NotRequired[bool]
    userType: NotRequired[str]
    createdDateTime: NotRequired[datetime]
    companyName: NotRequired[str | None]
    city: NotRequired[str | None]
    country: NotRequired[str | None]
    usageLocation: NotRequired[str | None]
    manager: NotRequired["UserOut | None"]


class GroupOut(PerhapsTyped):
    """A group."""

    id: str
    displayName: str
    description: str | None
    mailNickname: str | None
    mailEnabled: bool
    securityEnabled: bool
    groupTypes: list[str]
    mail: str | None
    visibility: str | None
    createdDateTime: datetime | None


def user(profile: Profile, *, is_typed: bool = False) -> UserOut:
    """Show a person whole; `is_typed` where the list may hold other kinds of object."""
    person = profile.person
    shown: PerhapsTyped = {"@odata.type": USER_TYPE} if is_typed else {}
    return {
        **shown,
        "id": person.id,
        "displayName": person.display_name,
        "userPrincipalName": person.user_principal_name,
        "mail": person.mail,
        "jobTitle": person.job_title,
        "department": person.department,
        "employeeId": person.employee_id,
        "employeeHireDate": f"{profile.hire_date}T00:00:00Z" if profile.hire_date else None,
        "accountEnabled": person.account_enabled,
        "userType": "Member",
        "createdDateTime": profile.created_at,
        "businessPhones": [],
        "givenName": None,
        "surname": None,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "companyName": None,
        "city": None,
        "country": None,
        "usageLocation": None,
    }


def group(found: Group, created_at: datetime | None, *, is_typed: bool = False) -> GroupOut:
    """Show a group."""
    shown: PerhapsTyped = {"@odata.type": GROUP_TYPE} if is_typed else {}
    return {
        **shown,
        "id": found.id,
        "displayName": found.display_name,
        "description": found.description,
        "mailNickname": found.mail_nickname,
        "mailEnabled": False,
        "securityEnabled": True,
        "groupTypes": [],
        "mail": None,
        "visibility": None,
        "createdDateTime": created_at,
    }


def _sign_in_name(value: str) -> str:
    local, at, domain = value.partition("@")
    if not (local and at and domain) or any(character.isspace() or character in "/?#%'\"()" for character in value):
        raise ValueError("should look like name@example.com, without spaces, quotes or slashes")
    return value


def _address(value: str) -> str:
    if "@" not in value or any(character.isspace() for character in value):
        raise ValueError("should be a mail address such as name@example.com")
    return value


UserName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=320), AfterValidator(_sign_in_name)
]
Mail = Annotated[str, StringConstraints(strip_whitespace=True, max_length=320), AfterValidator(_address)]
EmployeeId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Nickname = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]

OBLIGATORY = frozenset({"user_principal_name", "display_name", "account_enabled"})


class UserBody(Body):
    """What POST and PATCH of a user have in common."""

    mail: Mail | None = None
    job_title: Name | None = None
    department: Name | None = None
    employee_id: EmployeeId | None = None
    account_enabled: Truth | None = None
    employee_hire_date: Day | None = None

    def fields(self) -> PersonFields:
        """Return what was said, in our words; null for what a person must have counts as absent."""
        said = self.model_dump(include=self.model_fields_set & set(type(self).model_fields), exclude={"manager_bind"})
        if "employee_hire_date" in said:
            said["hire_date"] = said.pop("employee_hire_date")
        kept = {name: value for name, value in said.items() if value is not None or name not in OBLIGATORY}
        return cast("PersonFields", kept)


class UserChange(UserBody):
    """The body of PATCH /users/{id}: what is absent stays, null empties."""

    user_principal_name: UserName | None = None
    display_name: Name | None = None


class NewUser(UserBody):
    """The body of POST /users."""

    user_principal_name: UserName
    display_name: Name
    manager_bind: Text | None = Field(default=None, alias="manager@odata.bind")

    @property
    def manager_id(self) -> str | None:
        """Return the id at the end of `manager@odata.bind`."""
        return referenced_id(self.manager_bind) if self.manager_bind else None


class GroupBody(Body):
    """What POST and PATCH of a group have in common."""

    description: Text | None = None
    mail_nickname: Nickname | None = None

    def fields(self) -> GroupFields:
        """Return what was said; a name cannot be emptied."""
        said = self.model_dump(include=self.model_fields_set & set(type(self).model_fields))
        kept = {name: value for name, value in said.items() if value is not None or name not in OBLIGATORY}
        return cast("GroupFields", kept)


class GroupChange(GroupBody):
    """The body of PATCH /groups/{id}."""

    display_name: Name | None = None


class NewGroup(GroupBody):
    """The body of POST /groups."""

    display_name: Name
