import { useEffect } from "react";

/** Whoever gives the focus back of their own accord goes first. */
const A_MOMENT = 100;

/**
 * When what has the focus is taken away, a row that is done for instance, whoever has no mouse goes on at the head of where they
 * are: of the panel that is open, else of the page; not at the start of the document, where Escape closes nothing.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: Element | null = null;
    const remember = ({ target }: FocusEvent) => {
      last = target instanceof Element ? target : null;
    };
    const look = () => {
      if (last === null || last.isConnected || !isNowhere()) return;
      last = null;
      setTimeout(() => isNowhere() && head()?.focus({ preventScroll: true }), A_MOMENT);
    };
    const changes = new MutationObserver(look);
    document.addEventListener("focusin", remember);
    changes.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener("focusin", remember);
      changes.disconnect();
    };
  }, []);
}

const isNowhere = () => document.activeElement === null || document.activeElement === document.body;

function head(): HTMLElement | null {
  const open = [...document.querySelectorAll("[role=dialog], [role=alertdialog]")].at(-1);
  return open ? open.querySelector("button") : document.querySelector("h1");
}
