"""What an operator knows workflows by: their ids, and the search attributes Temporal must know.

`grantline up`, the compose file and the tests register these; a Temporal server
that lacks one refuses to start our workflows, and the outbox waits until it has it.
Values are opaque ids and states only: search attributes are never encrypted.
"""

STATE = "GrantlineState"
PACKAGE = "GrantlinePackage"
REQUESTOR = "GrantlineRequestor"
TARGET = "GrantlineTarget"
DUE_AT = "GrantlineDueAt"

SEARCH_ATTRIBUTES: dict[str, str] = {
    STATE: "Keyword",
    PACKAGE: "Keyword",
    REQUESTOR: "Keyword",
    TARGET: "Keyword",
    DUE_AT: "Datetime",
}
"""Name to type, in the words of `temporal operator search-attribute create`."""


def request_workflow_id(request_id: str) -> str:
    """Return the id of the workflow that carries a request."""
    return f"request-{request_id}"


def assignment_workflow_id(assignment_id: str) -> str:
    """Return the id of the workflow that holds an assignment."""
    return f"assignment-{assignment_id}"


def correction_workflow_id(grant_id: str) -> str:
    """Return the id of the workflow that takes surplus access back."""
    return f"correction-{grant_id}"


def change_workflow_id(change_id: str) -> str:
    """Return the id of the workflow that walks a package's change along its holders."""
    return f"package-change-{change_id}"
