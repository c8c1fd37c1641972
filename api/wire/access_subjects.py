"""accessPackageSubject on the wire: a person as requestor or target."""

from typing import Any

from grantline.model.person import Person


def access_subject(person: Person) -> dict[str, Any]:
    """Show a person as Graph shows requestors and targets."""
    return {
        "id": person.id,
        "objectId": person.id,
        "displayName": person.display_name,
        "email": person.mail,
        "principalName": person.user_principal_name,
        "onPremisesSecurityIdentifier": None,
        "subjectType": "user",
        "subjectLifecycle": "notDefined",
    }
