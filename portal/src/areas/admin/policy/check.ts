/** What can be seen to be wrong before a policy is sent, by the place in the body. The API looks at everything again. */
import type { StageSettings, WrittenPolicy, WrittenQuestion } from "../../../api/adminShapes";
import type { Text } from "../../../messages/useText";
import { actsOnBehalf, needsStages } from "./draft";
import { seconds } from "./durations";

export function check(policy: WrittenPolicy, text: Text): Map<string, string> {
  const found = new Map<string, string>();
  const { expiration } = policy;
  if (!policy.displayName.trim()) found.set("displayName", text("admin.policy.needsName"));
  if (policy.allowedTargetScope === "specificDirectoryUsers" && policy.specificAllowedTargets.length === 0) {
    found.set("specificAllowedTargets", text("admin.policy.needsTargets"));
  }
  if (actsOnBehalf(policy) && policy.requestorSettings.onBehalfRequestors.length === 0) {
    found.set("requestorSettings/onBehalfRequestors", text("admin.policy.needsOnBehalf"));
  }
  if (needsStages(policy)) {
    policy.requestApprovalSettings.stages.forEach((stage, number) => {
      for (const [place, message] of ofStage(stage, text)) found.set(`requestApprovalSettings/stages/${number}/${place}`, message);
    });
  }
  policy.questions.forEach((question, number) => {
    for (const [place, message] of ofQuestion(question, text)) found.set(`questions/${number}/${place}`, message);
  });
  if (expiration.type === "afterDuration" && !expiration.duration) found.set("expiration/duration", text("admin.policy.needsNumber"));
  if (expiration.type === "afterDateTime" && !expiration.endDateTime) found.set("expiration/endDateTime", text("admin.policy.needsDate"));
  return found;
}

function* ofStage(stage: StageSettings, text: Text): Generator<[string, string]> {
  const hasApprover = stage.primaryApprovers.length > 0 || stage.fallbackPrimaryApprovers.length > 0;
  if (!hasApprover && !stage.customExtension) yield ["primaryApprovers", text("admin.policy.needsApprover")];
  const window = seconds(stage.durationBeforeAutomaticDenial);
  if (!stage.durationBeforeAutomaticDenial) yield ["durationBeforeAutomaticDenial", text("admin.policy.needsNumber")];
  for (const [number, before] of (stage.reminders ?? []).entries()) {
    const length = seconds(before);
    if (!length) yield [`reminders/${number}`, text("admin.policy.needsNumber")];
    else if (window !== undefined && length >= window) yield [`reminders/${number}`, text("admin.policy.needsEarlier")];
  }
  if (!stage.isEscalationEnabled) return;
  const after = seconds(stage.durationBeforeEscalation);
  if (!after) yield ["durationBeforeEscalation", text("admin.policy.needsNumber")];
  else if (window !== undefined && after >= window) yield ["durationBeforeEscalation", text("admin.policy.needsEarlier")];
  if (stage.escalationApprovers.length === 0 && stage.fallbackEscalationApprovers.length === 0) {
    yield ["escalationApprovers", text("admin.policy.needsAlternate")];
  }
}

function* ofQuestion(question: WrittenQuestion, text: Text): Generator<[string, string]> {
  if (!question.text.trim()) yield ["text", text("admin.policy.needsQuestion")];
  for (const [number, one] of (question.localizations ?? []).entries()) {
    if (!one.text.trim()) yield [`localizations/${number}/text`, text("admin.policy.needsTranslation")];
  }
  if (!question.choices) return;
  if (question.choices.length < 2) yield ["choices", text("admin.policy.needsChoices")];
  for (const [number, choice] of question.choices.entries()) {
    if (!choice.text.trim()) yield [`choices/${number}/text`, text("admin.policy.needsChoice")];
  }
}
