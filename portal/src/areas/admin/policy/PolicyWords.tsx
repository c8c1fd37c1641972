import type { WholePackage, WrittenPolicy } from "../../../api/adminShapes";
import { inLine } from "../../../format/words";
import { useText } from "../../../messages/useText";
import { Page } from "../../../ui/Page";
import { namedIn } from "./draft";
import { Meaning } from "./Meaning";
import { PolicyTrail } from "./PolicyTrail";
import { useNames } from "./useNames";

/** A policy for whoever may read it and not change it: the whole of it in plain words. */
export function PolicyWords({ offered, read }: { offered: WholePackage; read: WrittenPolicy }) {
  const text = useText();
  const { names } = useNames(namedIn(read));
  const about = inLine(read.description, text("admin.policy.of", { package: offered.displayName }));
  return (
    <Page title={read.displayName} about={about} above={<PolicyTrail offered={offered} />}>
      <Meaning told={{ policy: read, names, catalogId: offered.catalog.id }} isAlone />
    </Page>
  );
}
