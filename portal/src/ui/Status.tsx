import { Badge, type BadgeProps } from "@fluentui/react-components";
import {
  CalendarClockRegular,
  CheckmarkCircleFilled,
  ClockRegular,
  DismissCircleFilled,
  ProhibitedRegular,
  ArrowSyncRegular,
  WarningFilled,
} from "@fluentui/react-icons";
import type { ReactElement } from "react";
import { useText } from "../messages/useText";

type Look = [NonNullable<BadgeProps["color"]>, ReactElement];

const LOOKS: Record<string, Look> = {
  pendingApproval: ["warning", <ClockRegular key="i" />],
  submitted: ["informative", <ClockRegular key="i" />],
  scheduled: ["informative", <CalendarClockRegular key="i" />],
  delivering: ["informative", <ArrowSyncRegular key="i" />],
  delivered: ["success", <CheckmarkCircleFilled key="i" />],
  removed: ["success", <CheckmarkCircleFilled key="i" />],
  extended: ["success", <CheckmarkCircleFilled key="i" />],
  approved: ["success", <CheckmarkCircleFilled key="i" />],
  denied: ["danger", <DismissCircleFilled key="i" />],
  Expired: ["severe", <ClockRegular key="i" />],
  Revoking: ["informative", <ArrowSyncRegular key="i" />],
  expired: ["subtle", <ClockRegular key="i" />],
  canceled: ["subtle", <ProhibitedRegular key="i" />],
  partiallyDelivered: ["severe", <WarningFilled key="i" />],
  deliveryFailed: ["danger", <WarningFilled key="i" />],
};

/** Where something stands, as colour, sign and word: any one of them is enough. */
export function Status({ state, status }: { state: string; status?: string }) {
  const text = useText();
  const word = status && (status === "Expired" || status === "Revoking") ? status : state;
  const [color, icon] = LOOKS[word] ?? ["informative", <ClockRegular key="i" />];
  return (
    <Badge appearance="tint" size="large" color={color} icon={icon}>
      {text.word("state", word)}
    </Badge>
  );
}
