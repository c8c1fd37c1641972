"""What an operator can filter workflows by: the search attributes Temporal must know.

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
