import { MapRegular } from "@fluentui/react-icons";
import { useText } from "../messages/useText";
import { Nothing } from "../ui/Listing";
import { Page } from "../ui/Page";

export default function Missing() {
  const text = useText();
  return (
    <Page title={text("missing.title")}>
      <Nothing icon={<MapRegular />} title={text("missing.about")} />
    </Page>
  );
}
