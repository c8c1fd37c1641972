"""What Microsoft Graph has beside entitlement management's core and Grantline does not: refused by name."""

from collections.abc import Mapping

BETA = "/beta"
ROOT = "/v1.0/"

PARTS: Mapping[str, str] = {
    "accesspackagesuggestions": "suggestions of access packages",
    "accesspackagecatalogs": "paths of Graph's beta (they are catalogs here)",
    "accesspackageassignmentrequests": "paths of Graph's beta (they are assignmentRequests here)",
    "accesspackageassignments": "paths of Graph's beta (they are assignments here)",
    "accesspackageassignmentpolicies": "paths of Graph's beta (they are assignmentPolicies here)",
    "accesspackageresourcerequests": "paths of Graph's beta (they are resourceRequests here)",
    "connectedorganizations": "connected organizations; people of other organizations are not kept",
    "externaloriginresourceconnectors": "connectors to SAP IAG",
    "resourceenvironments": "SharePoint environments",
    "uploadsessions": "resources described by uploaded files",
    "lifecycleworkflows": "lifecycle workflows",
    "accessreviews": "access reviews by Graph's paths",
    "privilegedaccess": "privileged access",
    "termsofuse": "terms of use",
    "subscriptions": "change notifications",
    "serviceprincipals": "service principals",
    "applications": "applications",
    "organization": "the organization's own record",
    "devices": "devices",
    "invitations": "invitations of guests",
}
"""Parts of a path, in lower case, and what they stand for."""


def reason(path: str) -> str | None:
    """Say what of Graph a path asks for that is not offered, or None when it is nothing of Graph."""
    lower = path.lower()
    if lower == BETA or lower.startswith(f"{BETA}/"):
        return "Graph's beta; use /v1.0"
    if not lower.startswith(ROOT):
        return None
    return next((PARTS[name] for part in lower.split("/") if (name := part.partition("(")[0]) in PARTS), None)
