/** What is wrong with a form, by the place in the API's body: said beside the field that is there. */
import type { FieldProps } from "@fluentui/react-components";
import { useEffect, useRef } from "react";
import { Refusal } from "../../api/http";
import { inZone } from "../../messages/refusals";

export type Complaint = Pick<FieldProps, "validationMessage" | "validationState">;
/** What to give a field, for the place in the body that it writes. */
export type Complain = (...places: string[]) => Complaint;

/** Places are written `stages/0/deadline`, or `stages[0].deadline` where the body could not even be read. */
export function place(target: string): string {
  return target.replace(/\[(\d+)\]/g, "/$1").replaceAll(".", "/");
}

/** Tell a field what is said of its places, or of what is in them. */
export function complainer(known: ReadonlyMap<string, string>): Complain {
  return (...places) => {
    for (const [where, message] of known) {
      if (places.some((one) => where === one || where.startsWith(`${one}/`))) {
        return { validationMessage: message, validationState: "error" };
      }
    }
    return {};
  };
}

export function refusedAt(error: Error | null): Map<string, string> {
  return error instanceof Refusal && error.target ? new Map([[place(error.target), inZone(error.message)]]) : new Map();
}

/**
 * Bring whoever sent a form to the first field that is wrong, each time that `when` changes, once the complaints are on the
 * screen: what is lacking may only be known some renders later. Whoever types meanwhile stays where they are.
 */
export function useGoingToComplaints(when: unknown): void {
  const isOnTheWay = useRef(false);
  useEffect(() => {
    if (!when) return;
    isOnTheWay.current = true;
    const stay = () => {
      isOnTheWay.current = false;
    };
    document.addEventListener("input", stay);
    return () => document.removeEventListener("input", stay);
  }, [when]);
  useEffect(() => {
    const field = isOnTheWay.current ? document.querySelector<HTMLElement>("[data-form] [aria-invalid='true']") : null;
    if (!field) return;
    isOnTheWay.current = false;
    field.focus();
    field.scrollIntoView({ block: "center" });
  });
}
