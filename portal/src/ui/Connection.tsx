import { makeStyles, MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { NoConnection } from "../api/http";
import { isLost, onStanding } from "../api/live";
import { useText } from "../messages/useText";

const useStyles = makeStyles({ bar: { position: "sticky", top: "48px", zIndex: 4 } });

/** Says when the server is not reached, and stops saying so when it is; what is on the screen stays. */
export function Connection() {
  const styles = useStyles();
  const text = useText();
  const client = useQueryClient();
  const [isAway, setAway] = useState(false);
  useEffect(
    () =>
      client.getQueryCache().subscribe(({ type, query }) => {
        if (type !== "updated") return;
        if (query.state.status === "error" || query.state.fetchFailureReason) {
          setAway((query.state.fetchFailureReason ?? query.state.error) instanceof NoConnection);
        } else if (query.state.fetchStatus === "idle") {
          setAway(false);
        }
      }),
    [client],
  );
  const isStreamLost = useSyncExternalStore(onStanding, isLost);
  if (!isAway && !isStreamLost) return null;
  return (
    <MessageBar intent="warning" className={styles.bar} shape="square">
      <MessageBarBody>
        <MessageBarTitle>{text("offline.title")}</MessageBarTitle>
        {text("offline.body")}
      </MessageBarBody>
    </MessageBar>
  );
}
