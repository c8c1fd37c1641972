import { Button, type ButtonProps } from "@fluentui/react-components";
import { DeleteRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useRefresh } from "../../../api/queries";
import { Confirm } from "../../../ui/Confirm";
import { useNotify } from "../../../ui/Notices";
import { type Place, useVanishing } from "../../shared/useVanishing";

interface Props {
  /** On the button and in the question. */
  action: string;
  /** The button's name, where several of them stand in a list. */
  label?: string;
  title: string;
  about: string;
  done: string;
  act: (reason: string) => Promise<unknown>;
  /** Where it stands, if it may be gone from there before the API has said so. */
  from?: Place;
  after?: () => void;
  reason?: "none" | "optional";
  icon?: ButtonProps["icon"];
  /** In a list it stands back. */
  appearance?: ButtonProps["appearance"];
}

/** A button for what cannot be undone; it asks once more. */
export function Delete({ action, label = action, title, about, done, act, from, after, reason = "none", icon = <DeleteRegular />, appearance = "subtle" }: Props) {
  const notify = useNotify();
  const refresh = useRefresh();
  const vanish = useVanishing();
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button
        icon={icon}
        appearance={appearance}
        onClick={() => setAsking(true)}
        aria-label={label}
      >
        {action}
      </Button>
      {isAsking && (
        <Confirm
          title={title}
          about={about}
          action={action}
          reason={reason}
          act={async (why) => {
            // The row goes, and the question with it; nobody waits.
            if (from) void vanish(from, () => act(why), done);
            else await act(why);
          }}
          after={async () => {
            if (from) return;
            notify(done);
            if (after) {
              after();
              // The page of what is gone must be gone too, before everything on the screen is asked for again.
              await new Promise((resolve) => setTimeout(resolve));
            }
            await refresh();
          }}
          close={() => setAsking(false)}
        />
      )}
    </>
  );
}
