import { BoxRegular } from "@fluentui/react-icons";
import { Tile } from "../../ui/Tile";

export function PackageIcon() {
  return (
    <Tile look="brand">
      <BoxRegular />
    </Tile>
  );
}
