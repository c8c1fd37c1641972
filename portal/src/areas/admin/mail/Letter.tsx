import { makeStyles, tokens } from "@fluentui/react-components";
import { useCallback, useEffect, useRef, useState } from "react";

/** An empty page of the portal's with a policy of its own: mails bring their styles with them, and nothing runs there. */
const EMPTY = "/letter.html";

const useStyles = makeStyles({
  frame: {
    display: "block",
    width: "100%",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    boxSizing: "border-box",
  },
});

/** A mail in HTML as it comes to people, as high as it is. Its links lead nowhere: what it tells of never was. */
export function Letter({ html, title }: { html: string; title: string }) {
  const styles = useStyles();
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(320);
  const measure = useCallback(() => {
    const body = frame.current?.contentDocument?.body;
    if (body) setHeight(body.scrollHeight + 2);
  }, []);
  const fill = useCallback(() => {
    const page = frame.current?.contentDocument;
    // Before the empty page is there, what is in the frame has the policy of this one, and would take no styles.
    if (!page?.URL.endsWith(EMPTY)) return;
    page.documentElement.innerHTML = html;
    for (const link of page.querySelectorAll("a")) link.removeAttribute("href");
    measure();
  }, [html, measure]);
  useEffect(fill, [fill]);
  useEffect(() => {
    const watching = new ResizeObserver(measure);
    if (frame.current) watching.observe(frame.current);
    return () => watching.disconnect();
  }, [measure]);
  return <iframe ref={frame} className={styles.frame} title={title} src={EMPTY} sandbox="allow-same-origin" height={height} onLoad={fill} />;
}
