"""Who may do what: the one table. `docs/permissions.md` is made from it, and from which route does what.

A row names the roles that may, and the parts that one can have in the matter
itself: who asked, who gets, who decides. A role that is held in a catalog
counts for what lies in that catalog and for nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from grantline.model.roles import Role


class Part(StrEnum):
    """What one can have to do with the matter itself, without any role."""

    ANYBODY = "anybody"
    REQUESTOR = "requestor"
    TARGET = "target"
    MANAGER = "manager of the target"
    APPROVER = "approver"
    POLICY = "whom a policy lets ask"
    FULFILLER = "who looks after the target system"
    DELEGATOR = "who is stood in for"
    DELEGATE = "who stands in"


class Task(StrEnum):
    """Everything that somebody can want to do here; each route does one."""

    LOOK_UP = "lookUp"
    CHANGE_DIRECTORY = "changeDirectory"
    GOVERN = "govern"
    MAKE_CREATORS = "makeCreators"
    MAKE_CATALOG = "makeCatalog"
    LIST_CATALOGS = "listCatalogs"
    READ_CATALOG = "readCatalog"
    CHANGE_CATALOG = "changeCatalog"
    ASSIGN_ROLES = "assignRoles"
    CHANGE_RESOURCES = "changeResources"
    CHANGE_EXTENSIONS = "changeExtensions"
    CHANGE_PACKAGE = "changePackage"
    CHANGE_POLICY = "changePolicy"
    READ_PACKAGE = "readPackage"
    ASK = "ask"
    SEE_OWN = "seeOwn"
    LIST_REQUESTS = "listRequests"
    READ_REQUEST = "readRequest"
    LIST_ASSIGNMENTS = "listAssignments"
    READ_ASSIGNMENT = "readAssignment"
    KNOW_APPROVERS = "knowApprovers"
    ASSIGN = "assign"
    CANCEL = "cancel"
    CANCEL_DELIVERY = "cancelDelivery"
    REPROCESS = "reprocess"
    RESUBMIT = "resubmit"
    DECIDE = "decide"
    REASSIGN = "reassign"
    ANSWER_CALLOUT = "answerCallout"
    DELEGATE = "delegate"
    SEE_DELEGATION = "seeDelegation"
    FULFIL = "fulfil"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a task is, in words that follow "may", and who may; `instead` is what everybody may who may not."""

    does: str
    roles: frozenset[Role] = frozenset()
    parts: frozenset[Part] = frozenset()
    instead: str = ""


def _row(does: str, *who: Role | Part, instead: str = "") -> Row:
    return Row(
        does=does,
        roles=frozenset(one for one in who if isinstance(one, Role)),
        parts=frozenset(one for one in who if isinstance(one, Part)),
        instead=instead,
    )


_ADMINISTRATOR = Role.ADMINISTRATOR
_OWNS = (Role.ADMINISTRATOR, Role.CATALOG_OWNER)
_KEEPS = (*_OWNS, Role.PACKAGE_MANAGER)
_ASSIGNS = (*_KEEPS, Role.ASSIGNMENT_MANAGER)
_READS = (*_ASSIGNS, Role.CATALOG_READER)

TABLE: Mapping[Task, Row] = {
    Task.LOOK_UP: _row("look up people, groups and kinds of roles", Part.ANYBODY),
    Task.CHANGE_DIRECTORY: _row("change people and groups", _ADMINISTRATOR),
    Task.GOVERN: _row("read and change what concerns everything", _ADMINISTRATOR),
    Task.MAKE_CREATORS: _row("say who is a catalog creator", _ADMINISTRATOR),
    # Whoever makes a catalog owns it, and by that alone sees it afterwards.
    Task.MAKE_CATALOG: _row("make a catalog", _ADMINISTRATOR, Role.CATALOG_CREATOR),
    Task.LIST_CATALOGS: _row("list one's catalogs", *_READS, Role.CATALOG_CREATOR),
    Task.READ_CATALOG: _row(
        "see what is in a catalog, policies and roles included",
        *_READS,
        instead="What you may ask for is at accessPackages/filterByCurrentUser(on='allowedRequestor').",
    ),
    Task.CHANGE_CATALOG: _row("change or delete a catalog", *_OWNS),
    Task.ASSIGN_ROLES: _row("say who has which role in a catalog", *_OWNS),
    Task.CHANGE_RESOURCES: _row("add resources to a catalog and remove them", *_OWNS),
    Task.CHANGE_EXTENSIONS: _row("change the custom extensions of a catalog", *_OWNS),
    Task.CHANGE_PACKAGE: _row("make, change or delete an access package", *_KEEPS),
    Task.CHANGE_POLICY: _row("make, change or delete an assignment policy", *_KEEPS),
    Task.READ_PACKAGE: _row(
        "see an access package and what it gives",
        *_READS,
        Part.POLICY,
        Part.REQUESTOR,
        Part.TARGET,
        Part.APPROVER,
    ),
    # What comes of asking, the policy says.
    Task.ASK: _row("ask for an access package, for oneself or a report, and for its end or more time", Part.ANYBODY),
    Task.SEE_OWN: _row("list what is one's own, or waits for one", Part.ANYBODY),
    Task.LIST_REQUESTS: _row(
        "list the requests of a catalog",
        *_ASSIGNS,
        instead="Your own are at assignmentRequests/filterByCurrentUser(on='targetOrRequestor'), those to decide on at "
        "filterByCurrentUser(on='approver').",
    ),
    Task.READ_REQUEST: _row("see a request", *_ASSIGNS, Part.REQUESTOR, Part.TARGET, Part.MANAGER, Part.APPROVER),
    Task.LIST_ASSIGNMENTS: _row(
        "list who holds the packages of a catalog, and how that stands",
        *_ASSIGNS,
        instead="Your own are at assignments/filterByCurrentUser(on='target'), your direct reports' at "
        "filterByCurrentUser(on='targetManager').",
    ),
    Task.READ_ASSIGNMENT: _row("see an assignment", *_ASSIGNS, Part.REQUESTOR, Part.TARGET, Part.MANAGER),
    Task.KNOW_APPROVERS: _row("know who approves where a policy hides it", *_ASSIGNS, Part.APPROVER),
    # Approval that the policy wants is wanted all the same.
    Task.ASSIGN: _row("assign directly, or end or extend what others hold", *_ASSIGNS),
    Task.CANCEL: _row("cancel a request before its access begins", *_ASSIGNS, Part.REQUESTOR, Part.TARGET),
    Task.CANCEL_DELIVERY: _row("cancel a request that is being delivered, or could not be", *_ASSIGNS),
    Task.REPROCESS: _row("have something delivered once more", *_ASSIGNS),
    Task.RESUBMIT: _row("ask again for what ended without access", Part.REQUESTOR),
    # Nobody by a role: requestor and target never, whatever else they are (rules/voices.py).
    Task.DECIDE: _row("approve, deny, edit answers, or take an approval back", Part.APPROVER),
    # Whoever chose the approvers could approve; so those who assign do not.
    Task.REASSIGN: _row("give an open approval to others", _ADMINISTRATOR),
    Task.ANSWER_CALLOUT: _row("answer in place of a custom extension", _ADMINISTRATOR),
    Task.DELEGATE: _row("say who stands in for an approver", _ADMINISTRATOR, Part.DELEGATOR),
    Task.SEE_DELEGATION: _row("see who stands in for an approver", _ADMINISTRATOR, Part.DELEGATOR, Part.DELEGATE),
    Task.FULFIL: _row("see and settle tasks that are done by hand", _ADMINISTRATOR, Part.FULFILLER),
}
