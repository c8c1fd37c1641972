import type { UseQueryResult } from "@tanstack/react-query";
import { Refusal } from "../../../api/http";
import { useText } from "../../../messages/useText";
import { Ghost } from "../../../ui/Listing";
import { Page } from "../../../ui/Page";
import { Problem } from "../../../ui/Problem";
import Missing from "../../Missing";

/** Instead of the page of something: it is on its way, it is gone, or it cannot be had now. */
export function NotThere({ found }: { found: UseQueryResult<unknown> }) {
  const text = useText();
  if (found.error instanceof Refusal && found.error.status === 404) return <Missing />;
  return (
    <Page title={text("nav.admin")}>
      {found.error ? <Problem error={found.error} again={() => void found.refetch()} /> : <Ghost />}
    </Page>
  );
}
