/** A policy while it is written. It is kept as the API wrote it, so that what this page does not know goes back as it came. */
import type { StageSettings, SubjectSet, WrittenPolicy } from "../../../api/adminShapes";
import type { Complain } from "../../shared/complaints";
import { written } from "./languages";
import { manager, type Names } from "./subjects";

export interface Editing {
  policy: WrittenPolicy;
  change: (part: Partial<WrittenPolicy>) => void;
  complain: Complain;
  names: Names;
  learn: (id: string, name: string) => void;
  catalogId: string;
}

export const MOST_STAGES = 3;

export function newStage(): StageSettings {
  return {
    durationBeforeAutomaticDenial: "P14D",
    isApproverJustificationRequired: false,
    isEscalationEnabled: false,
    durationBeforeEscalation: "PT0S",
    reminders: null,
    primaryApprovers: [manager(1)],
    fallbackPrimaryApprovers: [],
    escalationApprovers: [],
    fallbackEscalationApprovers: [],
  };
}

export function newPolicy(packageId: string): WrittenPolicy {
  return {
    displayName: "",
    description: "",
    allowedTargetScope: "allMemberUsers",
    specificAllowedTargets: [],
    expiration: { type: "afterDuration", duration: "P365D", endDateTime: null },
    requestorSettings: {
      allowCustomAssignmentSchedule: false,
      enableTargetsToSelfAddAccess: true,
      enableTargetsToSelfUpdateAccess: true,
      enableTargetsToSelfRemoveAccess: true,
      enableOnBehalfRequestorsToAddAccess: false,
      enableOnBehalfRequestorsToUpdateAccess: false,
      enableOnBehalfRequestorsToRemoveAccess: false,
      onBehalfRequestors: [],
    },
    requestApprovalSettings: {
      isApprovalRequiredForAdd: true,
      isApprovalRequiredForUpdate: true,
      isRequestorJustificationRequired: true,
      approverIsRequestor: "nextManager",
      stages: [newStage()],
    },
    questions: [],
    customExtensionStageSettings: [],
    accessPackage: { id: packageId },
  };
}

/** Write it for the API: what was chosen against is empty, though the page still has it in case one changes one's mind. */
export function sent(policy: WrittenPolicy): WrittenPolicy {
  const { type, duration, endDateTime } = policy.expiration;
  return {
    ...policy,
    displayName: policy.displayName.trim(),
    questions: policy.questions.map(written),
    specificAllowedTargets: policy.allowedTargetScope === "specificDirectoryUsers" ? policy.specificAllowedTargets : [],
    expiration: {
      ...policy.expiration,
      duration: type === "afterDuration" ? duration : null,
      endDateTime: type === "afterDateTime" ? endDateTime : null,
    },
  };
}

/** Whether people are written to when the access begins and ends. */
export const hasNotices = ({ notificationSettings }: WrittenPolicy): boolean => !notificationSettings?.isAssignmentNotificationDisabled;

/** Whether stages are of use: for access, or for more time. */
export const needsStages = ({ requestApprovalSettings: settings }: WrittenPolicy): boolean =>
  settings.isApprovalRequiredForAdd || settings.isApprovalRequiredForUpdate;

export const actsOnBehalf = ({ requestorSettings: settings }: WrittenPolicy): boolean =>
  settings.enableOnBehalfRequestorsToAddAccess ||
  settings.enableOnBehalfRequestorsToUpdateAccess ||
  settings.enableOnBehalfRequestorsToRemoveAccess;

/** The ids of the people and groups that it names. */
export function namedIn(policy: WrittenPolicy): string[] {
  const lists: SubjectSet[][] = [
    policy.specificAllowedTargets,
    policy.requestorSettings.onBehalfRequestors,
    ...policy.requestApprovalSettings.stages.flatMap((stage) => [
      stage.primaryApprovers,
      stage.fallbackPrimaryApprovers,
      stage.escalationApprovers,
      stage.fallbackEscalationApprovers,
    ]),
  ];
  const ids = lists.flat().flatMap(({ userId, groupId }) => userId ?? groupId ?? []);
  return [...new Set(ids)].sort();
}
