/** What is being asked, as it is typed, and the requests that come of it: one for each person and package. */
import type { RequestBody as Sent } from "../../api/generated";
import type { GivenAnswer, Question, Requirements } from "../../api/shapes";

export interface Draft {
  isForOthers: boolean;
  targetIds: string[];
  packageIds: string[];
  /** The policy chosen for a package, where there is a choice. */
  policies: Record<string, string>;
  answers: Record<string, string[]>;
  justification: string;
  startsAt: string;
  endsAt: string;
}

export interface Pair {
  key: string;
  targetId: string;
  packageId: string;
}

export interface Item extends Pair {
  requirements: Requirements | undefined;
  body: RequestBody;
}

export interface RequestBody {
  requestType: "userAdd";
  justification?: string;
  answers?: GivenAnswer[];
  assignment: { targetId: string; accessPackageId: string; assignmentPolicyId?: string };
  schedule?: { startDateTime?: string; expiration?: { type: "afterDateTime"; endDateTime: string } };
}

export function pairs(draft: Draft, self: string): Pair[] {
  const targets = draft.isForOthers ? draft.targetIds : [self];
  return targets.flatMap((targetId) =>
    draft.packageIds.map((packageId) => ({ key: `${targetId} ${packageId}`, targetId, packageId })),
  );
}

/** Choose among the policies that are open for a pair: the one named, else the first, which is the most specific. */
export function chosen(draft: Draft, packageId: string, open: Requirements[]): Requirements | undefined {
  return open.find((one) => one.policyId === draft.policies[packageId]) ?? open[0];
}

export function bodyOf(draft: Draft, pair: Pair, wanted: Requirements | undefined): RequestBody {
  const answers = (wanted?.questions ?? []).flatMap(({ id }) =>
    (draft.answers[id] ?? []).filter((value) => value !== "").map((value) => ({ value, answeredQuestion: { id } })),
  );
  const times = wanted?.allowCustomAssignmentSchedule ? scheduleOf(draft) : undefined;
  const why = draft.justification.trim();
  return {
    requestType: "userAdd" as const,
    ...(why ? { justification: why } : {}),
    ...(answers.length ? { answers } : {}),
    assignment: {
      targetId: pair.targetId,
      accessPackageId: pair.packageId,
      ...(wanted ? { assignmentPolicyId: wanted.policyId } : {}),
    },
    ...(times ? { schedule: times } : {}),
  } satisfies Sent;
}

/** The same request with a word where a reason is still missing: what would become of it can be shown before. */
export function rehearsed(body: RequestBody): RequestBody {
  return { justification: "…", ...body };
}

export function missing(draft: Draft, items: Item[]): { justification: boolean; questions: Set<string> } {
  const wanted = items.map((item) => item.requirements).filter((one) => one !== undefined);
  const questions = wanted.flatMap((one) => one.questions).filter((one) => one.isRequired && !isAnswered(draft, one));
  return {
    justification: wanted.some((one) => one.isRequestorJustificationRequired) && !draft.justification.trim(),
    questions: new Set(questions.map((one) => one.id)),
  };
}

function isAnswered(draft: Draft, question: Question): boolean {
  return (draft.answers[question.id] ?? []).some((value) => value.trim() !== "");
}

function scheduleOf({ startsAt, endsAt }: Draft): RequestBody["schedule"] {
  if (!startsAt && !endsAt) return undefined;
  return {
    ...(startsAt ? { startDateTime: new Date(startsAt).toISOString() } : {}),
    ...(endsAt ? { expiration: { type: "afterDateTime" as const, endDateTime: new Date(endsAt).toISOString() } } : {}),
  };
}
