/**
 * The ways out of a page: links and whatever else navigates, the browser's Back and Forward, closing the window. Where
 * something typed would be lost, whoever keeps it asks first.
 *
 * Back and Forward have happened by the time one hears of them. The page stays what it was, the browser is sent back to where
 * it was, and goes again if that is what is answered. Each entry of the history has its number, to know how far.
 */
import type { AroundNavHandler } from "wouter";
import { navigate, useLocationProperty } from "wouter/use-browser-location";

/** Asks whether what was typed may go, and calls `go` if it may. */
type Ask = (go: () => void) => void;

const kept = new Set<Ask>();
const here = () => location.pathname + location.search;
let number = 0;
let shown = here();
/** Where the reader still is, while the browser is on its way back there. */
let held: URL | undefined;
let goAgain: (() => void) | undefined;

/** Have every way out ask, until the function that this returns is called. */
export function keep(ask: Ask): () => void {
  kept.add(ask);
  addEventListener("beforeunload", stay);
  return () => {
    kept.delete(ask);
    if (kept.size === 0) removeEventListener("beforeunload", stay);
  };
}

/** Nothing that was typed is kept any longer. */
export function letGo(): void {
  kept.clear();
  removeEventListener("beforeunload", stay);
}

function stay(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function askFirst(go: () => void): void {
  const last = [...kept].at(-1);
  if (last) last(go);
  else go();
}

export const aroundNav: AroundNavHandler = (goTo, to, { replace = false } = {}) => {
  const { pathname, search } = new URL(to, location.href);
  const go = () => {
    if (!replace) number += 1;
    goTo(to, { replace, state: { number } });
    shown = here();
  };
  if (pathname + search === shown) go();
  else askFirst(go);
};

export const useGuardedLocation = (): [string, typeof navigate] => [useLocationProperty(() => (held ?? location).pathname), navigate];
export const useGuardedSearch = (): string => useLocationProperty(() => (held ?? location).search);

let isOnTheWayBack = false;

/**
 * Close what was opened on top of a page: back to where it was opened, as Back does; whoever came by a link from elsewhere sees
 * what is behind it, at `behind`.
 */
export function closeOnto(behind: string): void {
  if (isOnTheWayBack) return;
  if ((numberHere() ?? 0) === 0) {
    navigate(behind, { replace: true, state: { number } });
    shown = here();
    return;
  }
  isOnTheWayBack = true;
  history.back();
}

/** Watch Back and Forward from now on: before the first page is drawn, so that the router hears of them second. */
export function watch(): void {
  const known = numberHere();
  if (known === undefined) history.replaceState({ number }, "");
  else number = known;
  addEventListener("popstate", moved);
}

function moved(): void {
  isOnTheWayBack = false;
  if (held) return comeBack();
  let there = numberHere();
  if (there === undefined) {
    // A link within the page made this entry, or an address typed by hand that differs in no more.
    there = number + 1;
    history.replaceState({ number: there }, "");
  }
  const steps = there - number;
  if (kept.size === 0 || steps === 0 || here() === shown) {
    number = there;
    shown = here();
    return;
  }
  held = new URL(shown, location.origin);
  goAgain = () => history.go(steps);
  history.go(-steps);
}

function comeBack(): void {
  const missing = number - (numberHere() ?? number);
  // Pressed once more meanwhile.
  if (missing !== 0) return history.go(missing);
  held = undefined;
  const go = goAgain;
  if (go) askFirst(go);
}

function numberHere(): number | undefined {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && "number" in state && typeof state.number === "number" ? state.number : undefined;
}
