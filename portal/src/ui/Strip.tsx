import { makeStyles, tokens } from "@fluentui/react-components";
import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "wouter";

const PAGE = tokens.colorNeutralBackground2;
const EDGE = tokens.colorNeutralStroke2;

const useStyles = makeStyles({
  // The edges that hide something are shaded: the covers move with what is scrolled, the shades behind them stay.
  strip: {
    maxWidth: "100%",
    overflowX: "auto",
    backgroundImage: [
      `linear-gradient(to right, ${PAGE} 50%, transparent)`,
      `linear-gradient(to left, ${PAGE} 50%, transparent)`,
      // Not the outermost line: parts of a pixel are left over where nothing is hidden.
      `linear-gradient(to right, transparent 1px, ${EDGE} 1px, transparent)`,
      `linear-gradient(to left, transparent 1px, ${EDGE} 1px, transparent)`,
    ].join(", "),
    backgroundPosition: "left, right, left, right",
    backgroundRepeat: "no-repeat",
    backgroundSize: "32px 100%, 32px 100%, 10px 100%, 10px 100%",
    backgroundAttachment: "local, local, scroll, scroll",
  },
});

/** Tabs in one line, however narrow the screen is: they scroll, and the one that is chosen is in sight. */
export function Strip({ children }: { children: ReactNode }) {
  const styles = useStyles();
  const [place] = useLocation();
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const all = strip.current;
    const tab = all?.querySelector("[role=tab][aria-selected=true]");
    if (!all || !tab) return;
    // By hand: what is scrolled into view by the browser is where the next Tab key starts from.
    const [outer, inner] = [all.getBoundingClientRect(), tab.getBoundingClientRect()];
    all.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  }, [place]);
  return (
    <div ref={strip} className={styles.strip}>
      {children}
    </div>
  );
}
