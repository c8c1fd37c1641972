import { Button, Spinner } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useMutation } from "@tanstack/react-query";
import { download } from "../../../api/http";
import { useText } from "../../../messages/useText";
import { Problem } from "../../../ui/Problem";
import { save } from "../parts/save";

/** Saves what a filter holds for as a file of CSV, all of it, however much is on the screen. */
export function Export({ path, name }: { path: string; name: string }) {
  const text = useText();
  const saving = useMutation({
    mutationFn: async () => save(await download(path), name),
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
