/** Who is meant by one entry of a policy's lists, in the words of the page. */
import type { SubjectSet } from "../../../api/adminShapes";
import type { Text } from "../../../messages/useText";

const GRAPH = "#microsoft.graph.";
export const LEVELS = [1, 2, 3, 4];
export type Names = ReadonlyMap<string, string>;

export const user = (id: string, name: string): SubjectSet => ({ "@odata.type": `${GRAPH}singleUser`, userId: id, description: name });
export const group = (id: string, name: string): SubjectSet => ({ "@odata.type": `${GRAPH}groupMembers`, groupId: id, description: name });
export const targetManager = (level: number): SubjectSet => ({ "@odata.type": `${GRAPH}targetManager`, managerLevel: level });
export const manager = (level: number): SubjectSet => ({ "@odata.type": `${GRAPH}requestorManager`, managerLevel: level });

/** Those that stand in a relation to whoever gets the access. */
export const RELATIONS: SubjectSet[] = [
  ...LEVELS.map(manager),
  { "@odata.type": `${GRAPH}targetUserSponsors` },
  { "@odata.type": "#grantline.resourceOwners" },
];

export const kindOf = (subject: SubjectSet): string => subject["@odata.type"].split(".").at(-1) ?? "";
export const isManagerOfTarget = (subject: SubjectSet): boolean => kindOf(subject) === "targetManager";

/** Two entries that mean the same have the same key. */
export function keyOf(subject: SubjectSet): string {
  return [kindOf(subject), subject.userId ?? subject.groupId ?? subject.managerLevel ?? ""].join(":");
}

/** What stands on a tag. */
export function label(subject: SubjectSet, names: Names, text: Text): string {
  const kind = kindOf(subject);
  if (kind === "requestorManager" || kind === "targetManager") return text.word("managerLevel", String(subject.managerLevel ?? 1));
  return nameOf(subject, names) ?? text.word("subject", kind);
}

/** The same within a sentence, in the singular: "a member of Payroll owners decides". */
export function noun(subject: SubjectSet, names: Names, text: Text): string {
  const kind = kindOf(subject);
  if (kind === "requestorManager" || kind === "targetManager") return text.word("managerNoun", String(subject.managerLevel ?? 1));
  const name = nameOf(subject, names);
  if (kind === "groupMembers") return text("admin.policy.memberOf", { group: name ?? "" });
  return name ?? text.word("subjectNoun", kind);
}

function nameOf(subject: SubjectSet, names: Names): string | undefined {
  const id = subject.userId ?? subject.groupId;
  return id === undefined ? undefined : (names.get(id) ?? subject.description ?? id);
}
