import { Button, Spinner } from "@fluentui/react-components";
import { ArrowSyncRegular } from "@fluentui/react-icons";
import { useMutation } from "@tanstack/react-query";
import { adminPaths } from "../../../api/adminPaths";
import { call } from "../../../api/http";
import { useRefresh } from "../../../api/queries";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { useNotify } from "../../../ui/Notices";
import { Problem } from "../../../ui/Problem";

const MOST_AT_ONCE = 100;

/** Has everything on the list tried once more. */
export function ReprocessAll({ ids }: { ids: string[] }) {
  const text = useText();
  const mayTry = useMay("reprocess");
  const notify = useNotify();
  const refresh = useRefresh();
  const assignmentIds = ids.slice(0, MOST_AT_ONCE);
  const trying = useMutation({
    mutationFn: () => call("POST", adminPaths.reprocessSeveral(), { body: { assignmentIds } }),
    onSuccess: async ({ items }) => {
      notify(text.count("admin.reprocessingMany", items.filter(({ error }) => !error).length));
      await refresh();
    },
  });
  if (!mayTry) return null;
  return (
    <div>
      <Button
        icon={trying.isPending ? <Spinner size="tiny" /> : <ArrowSyncRegular />}
        disabledFocusable={trying.isPending}
        onClick={() => trying.isPending || trying.mutate()}
      >
        {text.count("admin.reprocessAll", assignmentIds.length)}
      </Button>
      <Problem error={trying.error} />
    </div>
  );
}
