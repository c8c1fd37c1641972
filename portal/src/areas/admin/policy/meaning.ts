/** What a policy means, in sentences. */
import type { StageSettings, SubjectSet, WrittenPolicy, WrittenQuestion } from "../../../api/adminShapes";
import { allOf, dateTime, duration, oneOf } from "../../../format/times";
import type { Text } from "../../../messages/useText";
import { actsOnBehalf, hasNotices, needsStages } from "./draft";
import { seconds } from "./durations";
import { languageName, languagesOf } from "./languages";
import { isManagerOfTarget, type Names, noun } from "./subjects";

export interface Said {
  about: "who" | "approval" | "questions" | "lifecycle" | "extensions";
  sentences: string[];
}

interface Saying {
  text: Text;
  who: (subjects: SubjectSet[]) => string;
  extension: (id: string) => string;
}

export function meaning(policy: WrittenPolicy, names: Names, extensions: Names, text: Text): Said[] {
  const saying: Saying = {
    text,
    who: (subjects) => oneOf(subjects.map((one) => noun(one, names, text)), 6),
    extension: (id) => extensions.get(id) ?? text("admin.policy.anExtension"),
  };
  const isForAdministrators = policy.allowedTargetScope === "notSpecified";
  const said: Said[] = [
    { about: "who", sentences: whoAsks(policy, saying) },
    { about: "approval", sentences: isForAdministrators ? [] : whoDecides(policy, saying) },
    { about: "questions", sentences: whatIsAsked(policy, saying) },
    { about: "lifecycle", sentences: howLong(policy, saying) },
    { about: "extensions", sentences: whoIsCalled(policy, saying) },
  ];
  return said.filter(({ sentences }) => sentences.length > 0);
}

function whoAsks(policy: WrittenPolicy, { text, who }: Saying): string[] {
  const { allowedTargetScope: scope, specificAllowedTargets: targets, requestorSettings: settings } = policy;
  if (scope === "notSpecified") return [text("admin.policy.saysNobody")];
  const whom = {
    allMemberUsers: text("admin.policy.saysMembers"),
    allDirectoryUsers: text("admin.policy.saysEverybody"),
    specificDirectoryUsers: targets.length ? text("admin.policy.saysSome", { who: who(targets) }) : text("admin.policy.saysNotYet"),
  }[scope];
  const isAsked = settings.enableTargetsToSelfAddAccess || settings.enableOnBehalfRequestorsToAddAccess;
  return [
    whom ?? scope,
    text(settings.enableTargetsToSelfAddAccess ? "admin.policy.saysSelf" : "admin.policy.saysNotSelf"),
    ...onBehalf(policy, { text, who }),
    ...(isAsked ? [] : [text("admin.policy.saysOnlyGiven")]),
    ...removing(policy, text),
  ];
}

function onBehalf(policy: WrittenPolicy, { text, who }: Pick<Saying, "text" | "who">): string[] {
  const settings = policy.requestorSettings;
  if (!settings.enableOnBehalfRequestorsToAddAccess) return [text("admin.policy.saysNotOnBehalf")];
  const level = Math.max(0, ...settings.onBehalfRequestors.filter(isManagerOfTarget).map((one) => one.managerLevel ?? 1));
  const others = settings.onBehalfRequestors.filter((one) => !isManagerOfTarget(one));
  return [
    ...(level > 0 ? [text.count("admin.policy.saysManagers", level)] : []),
    ...(others.length ? [text("admin.policy.saysOthers", { who: who(others) })] : []),
  ];
}

function removing(policy: WrittenPolicy, text: Text): string[] {
  const { enableTargetsToSelfRemoveAccess: self, enableOnBehalfRequestorsToRemoveAccess: managers } = policy.requestorSettings;
  if (self && managers) return [text("admin.policy.saysBothRemove")];
  if (managers) return [text("admin.policy.saysManagersRemove")];
  return self ? [text("admin.policy.saysSelfRemove")] : [text("admin.policy.saysNobodyRemoves")];
}

function whoDecides(policy: WrittenPolicy, saying: Saying): string[] {
  const { text } = saying;
  const settings = policy.requestApprovalSettings;
  const why = settings.isRequestorJustificationRequired ? [text("admin.policy.saysWhy")] : [];
  if (!settings.isApprovalRequiredForAdd) return [...why, text("admin.policy.saysAtOnce")];
  const stages = settings.stages.flatMap((stage, place) => stageSays(stage, place, settings.stages.length, saying));
  const own = text.word("approverIsRequestorSays", settings.approverIsRequestor);
  return [...why, ...stages, text("admin.policy.saysSilence"), own];
}

function stageSays(stage: StageSettings, place: number, count: number, { text, who, extension }: Saying): string[] {
  const names = {
    who: stage.customExtension
      ? text("admin.policy.whomExtensionNames", { name: extension(stage.customExtension.id) })
      : who(stage.primaryApprovers.length ? stage.primaryApprovers : stage.fallbackPrimaryApprovers) || "…",
    window: stage.durationBeforeAutomaticDenial ? duration(stage.durationBeforeAutomaticDenial) : "…",
  };
  const decides = text(count === 1 ? "admin.policy.saysDecides" : place === 0 ? "admin.policy.saysFirst" : "admin.policy.saysThen", names);
  const alternates = [...stage.escalationApprovers, ...stage.fallbackEscalationApprovers];
  return [
    sentence(decides),
    ...(stage.isApproverJustificationRequired ? [text("admin.policy.saysWithReason")] : []),
    reminded(stage, text),
    ...(stage.isEscalationEnabled && alternates.length && seconds(stage.durationBeforeEscalation)
      ? [text("admin.policy.saysAlternates", { who: who(alternates), after: duration(stage.durationBeforeEscalation) })]
      : []),
    ...(stage.primaryApprovers.length && stage.fallbackPrimaryApprovers.length
      ? [text("admin.policy.saysFallback", { who: who(stage.fallbackPrimaryApprovers) })]
      : []),
  ];
}

function reminded({ reminders }: StageSettings, text: Text): string {
  if (!reminders) return text("admin.policy.saysRemindedUsually");
  const times = reminders.filter((one) => seconds(one)).map(duration);
  return times.length ? text("admin.policy.saysReminded", { times: allOf(times) }) : text("admin.policy.saysNotReminded");
}

function whatIsAsked({ questions }: WrittenPolicy, { text }: Saying): string[] {
  if (questions.length === 0) return [];
  const required = questions.filter(({ isRequired }) => isRequired).length;
  return [text.count("admin.policy.saysQuestions", questions.length, { required }), ...questions.filter((one) => one.text.trim()).map((one) => asks(one, text))];
}

function asks(question: WrittenQuestion, text: Text): string {
  const { text: words, choices = [], isRequired, isAnswerEditable, isMultipleSelectionAllowed } = question;
  const languages = languagesOf(question).map(languageName);
  const named = { choices: oneOf(choices.map((one) => one.text).filter(Boolean), 6) };
  const terms = [
    text(isRequired ? "admin.policy.termRequired" : "admin.policy.termOptional"),
    ...(named.choices ? [text(isMultipleSelectionAllowed ? "admin.policy.termSeveral" : "admin.policy.termOne", named)] : []),
    ...(isAnswerEditable ? [text("admin.policy.termEditable")] : []),
    ...(languages.length ? [text("admin.policy.termLanguages", { languages: allOf(languages) })] : []),
  ];
  return text("admin.policy.saysAsked", { question: words.trim(), terms: terms.join("; ") });
}

function howLong(policy: WrittenPolicy, { text }: Saying): string[] {
  const { type, duration: lasts, endDateTime } = policy.expiration;
  const settings = policy.requestorSettings;
  const end = {
    afterDuration: lasts ? text("ask.lasts", { duration: duration(lasts) }) : "",
    afterDateTime: endDateTime ? text("ask.until", { at: dateTime(endDateTime) }) : "",
    noExpiration: text("ask.noEnd"),
    notSpecified: text("ask.noEnd"),
  }[type];
  const hasEnd = type === "afterDuration" || type === "afterDateTime";
  const extends_ = hasEnd ? extending(policy, text) : [];
  const notices = text(hasNotices(policy) ? "admin.policy.saysNotices" : "admin.policy.saysNoNotices");
  return [end, ...(settings.allowCustomAssignmentSchedule ? [text("admin.policy.saysOwnTimes")] : []), ...extends_, notices].filter(Boolean);
}

function extending(policy: WrittenPolicy, text: Text): string[] {
  const settings = policy.requestorSettings;
  const self = settings.enableTargetsToSelfUpdateAccess;
  const managers = settings.enableOnBehalfRequestorsToUpdateAccess && actsOnBehalf(policy);
  if (!self && !managers) return [text("admin.policy.saysNobodyExtends")];
  const who = text(self && managers ? "admin.policy.saysBothExtend" : self ? "admin.policy.saysSelfExtends" : "admin.policy.saysManagersExtend");
  const isDecided = policy.requestApprovalSettings.isApprovalRequiredForUpdate && needsStages(policy);
  return [who, text(isDecided ? "admin.policy.saysExtensionDecided" : "admin.policy.saysExtensionFree")];
}

function whoIsCalled(policy: WrittenPolicy, { text, extension }: Saying): string[] {
  return policy.customExtensionStageSettings.map(({ stage, customExtension }) =>
    text("admin.policy.saysCalled", { name: extension(customExtension.id), when: text.word("calloutWhen", stage) }),
  );
}

/** Begin with a capital: nouns of ours do not. */
function sentence(words: string): string {
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}
