/** The audit trail in words: its kinds of events and of things, and a sentence about each event. */
import type { AuditEvent } from "../../api/shapes";
import type { Text } from "../../messages/useText";

export const EVENTS = [
  "request.submitted",
  "request.approved",
  "request.denied",
  "request.expired",
  "request.canceled",
  "request.held",
  "request.delivered",
  "request.deliveryFailed",
  "request.reprocessed",
  "stage.opened",
  "stage.reminded",
  "stage.escalated",
  "stage.rerouted",
  "stage.reassigned",
  "stage.decided",
  "approval.takenBack",
  "answers.edited",
  "decision.refused",
  "signal.refused",
  "delegation.created",
  "delegation.changed",
  "delegation.ended",
  "removal.requested",
  "assignment.started",
  "assignment.extended",
  "assignment.reprocessed",
  "assignment.redelivered",
  "assignment.nearEnd",
  "assignment.ending",
  "assignment.ended",
  "grant.granted",
  "grant.revoked",
  "grant.kept",
  "grant.failed",
  "grant.drifted",
  "grant.reprocessed",
  "role.assigned",
  "role.withdrawn",
  "task.opened",
  "task.settled",
  "callout.sent",
  "callout.failed",
  "callout.answered",
  "callout.timedOut",
  "package.changed",
  "configuration.created",
  "configuration.changed",
  "configuration.deleted",
  "directory.changed",
] as const;

export const KINDS = [
  "request",
  "assignment",
  "grant",
  "task",
  "callout",
  "delegation",
  "accessPackage",
  "policy",
  "catalog",
  "resource",
  "resourceRoleScope",
  "customExtension",
  "roleAssignment",
  "person",
  "group",
  "directory",
] as const;

/** What the page is narrowed by; each is a part of its address. */
export const NARROWING = ["event", "objectType", "objectId", "actorId", "requestId", "assignmentId", "from", "until"] as const;
export type Narrowing = (typeof NARROWING)[number];

export const ITSELF = "grantline";

/** Say what kind of event it is, of whoever did it. */
export function saying(event: string, name: string, text: Text): string {
  const known = text.word("event", event);
  return (known === event ? text.word("trail", event) : known).replace("{name}", name);
}

/** Say who did what. */
export function told({ event, actor, details }: AuditEvent, text: Text): string {
  const name = actor ? (actor.displayName ?? actor.id) : text("story.grantline");
  if (event !== "stage.decided") return saying(event, name, text);
  return text(details["verdict"] === "deny" ? "event.stage.denied" : "event.stage.approved", { name });
}

/** Say what it was about: a package for somebody, or a thing and its name. */
export function subject({ object, accessPackage, target }: AuditEvent, text: Text): string {
  const names = [accessPackage?.displayName, target?.displayName].filter(Boolean);
  if (names.length) return names.join(" · ");
  return [text.word("kind", object.type), object.displayName ?? object.id].join(" · ");
}
