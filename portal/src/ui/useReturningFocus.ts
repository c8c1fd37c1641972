import { useEffect, useState } from "react";

/** Give the focus back, when this goes, to what had it when this came. */
export function useReturningFocus(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // After whatever closes has taken itself away; and only if nobody else has taken the focus since.
      setTimeout(() => {
        const isNowhere = document.activeElement === null || document.activeElement === document.body;
        if (isNowhere && before instanceof HTMLElement && before.isConnected) before.focus();
      });
    },
    [before],
  );
}
