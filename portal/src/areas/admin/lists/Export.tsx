import { Button, Spinner } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useMutation } from "@tanstack/react-query";
import { adminPaths } from "../../../api/adminPaths";
import { download } from "../../../api/http";
import { useText } from "../../../messages/useText";
import { Problem } from "../../../ui/Problem";

/** Saves the assignments of a filter as a file of CSV, all of them, however many are on the screen. */
export function Export({ filter }: { filter: string }) {
  const text = useText();
  const saving = useMutation({
    mutationFn: async () => {
      const url = URL.createObjectURL(await download(adminPaths.assignmentsFile(filter)));
      const link = document.createElement("a");
      link.href = url;
      link.download = "assignments.csv";
      link.click();
      URL.revokeObjectURL(url);
    },
  });
  return (
    <>
      <Button
        icon={saving.isPending ? <Spinner size="tiny" /> : <ArrowDownloadRegular />}
        disabledFocusable={saving.isPending}
        onClick={() => saving.isPending || saving.mutate()}
      >
        {text("admin.export")}
      </Button>
      <Problem error={saving.error} />
    </>
  );
}
