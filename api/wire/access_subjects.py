"""accessPackageSubject on the wire: a person as requestor or target, or an application as requestor."""

from api.wire.shapes import AccessSubjectOut
from grantline.model.person import Person


def access_subject(person: Person) -> AccessSubjectOut:
    """Show somebody as Graph shows requestors and targets; an application by the id that roles and the trail have."""
    return {
        "id": person.id,
        "objectId": person.id,
        "displayName": person.display_name,
        "email": person.mail,
        "principalName": person.user_principal_name,
        "onPremisesSecurityIdentifier": None,
        "subjectType": "servicePrincipal" if person.is_application else "user",
        "subjectLifecycle": "notDefined",
    }
