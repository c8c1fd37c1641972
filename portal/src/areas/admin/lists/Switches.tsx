import { makeStyles, Switch, tokens } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { adminPaths } from "../../../api/adminPaths";
import type { Controls } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import { useOne, useRefresh } from "../../../api/queries";
import { useText } from "../../../messages/useText";
import { Ghost } from "../../../ui/Listing";
import { useNotify } from "../../../ui/Notices";
import { Problem } from "../../../ui/Problem";
import { Delegates } from "../catalogs/Delegates";

const SWITCHES = ["managersSeeReportsAccess", "showApproverDetailsToMembers"] as const;

const useStyles = makeStyles({
  list: {
    display: "grid",
    gap: "20px",
    padding: "20px 24px",
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow4,
  },
  one: { display: "grid" },
  // Below the words of the switch, not below its thumb.
  about: { color: tokens.colorNeutralForeground2, paddingLeft: "60px", maxWidth: "70ch" },
});

/** What holds for everybody. A switch counts from the moment it is turned. */
export function Switches() {
  const styles = useStyles();
  const text = useText();
  const notify = useNotify();
  const refresh = useRefresh();
  const found = useOne(adminPaths.controls());
  const turning = useMutation({
    mutationFn: (turned: Partial<Controls>) => call("PATCH", adminPaths.controls(), { body: turned }),
    onSuccess: async () => {
      notify(text("admin.switch.turned"));
      await refresh();
    },
  });
  if (!found.data) return found.error ? <Problem error={found.error} again={() => void found.refetch()} /> : <Ghost rows={2} />;
  const shown = { ...found.data, ...(turning.isPending ? turning.variables : {}) };
  return (
    <>
      <div className={styles.list}>
        {SWITCHES.map((name) => (
          <div key={name} className={styles.one}>
            <div>
              <Switch
                label={text.word("switch", name)}
                checked={shown[name]}
                disabled={turning.isPending}
                aria-describedby={`about-${name}`}
                onChange={(_, { checked }) => turning.mutate({ [name]: checked })}
              />
            </div>
            <span id={`about-${name}`} className={styles.about}>
              {text.word("switchAbout", name)}
            </span>
          </div>
        ))}
      </div>
      <Problem error={turning.error} />
      <Delegates />
    </>
  );
}
