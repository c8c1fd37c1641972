import { Button } from "@fluentui/react-components";
import { EyeOffRegular } from "@fluentui/react-icons";
import { useText } from "../../messages/useText";
import { Nothing } from "../../ui/Listing";
import { Page } from "../../ui/Page";
import { useAsk } from "../request/AskContext";

/** For whoever follows a link to their team while managers are not shown what their reports have. */
export default function TeamHidden() {
  const text = useText();
  const ask = useAsk();
  return (
    <Page title={text("nav.team")}>
      <Nothing
        icon={<EyeOffRegular />}
        title={text("team.hidden")}
        about={text("team.hiddenAbout")}
        action={<Button onClick={() => ask({ isForOthers: true })}>{text("team.ask")}</Button>}
      />
    </Page>
  );
}
