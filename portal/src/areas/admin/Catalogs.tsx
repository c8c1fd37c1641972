import { Badge } from "@fluentui/react-components";
import { LibraryRegular } from "@fluentui/react-icons";
import { paths } from "../../api/paths";
import { useList } from "../../api/queries";
import type { Catalog } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { Listing } from "../../ui/Listing";
import { Row } from "../../ui/Row";

export function Catalogs() {
  const text = useText();
  const list = useList<Catalog>(paths.catalogs());
  return (
    <Listing list={list} label={text("admin.catalogs")} empty={{ icon: <LibraryRegular />, title: text("admin.none") }}>
      {(one) => (
        <Row
          key={one.id}
          lead={<LibraryRegular fontSize={24} aria-hidden />}
          title={one.displayName}
          meta={[one.description]}
          extra={<Badge appearance="outline">{text.word("catalog", one.state)}</Badge>}
        />
      )}
    </Listing>
  );
}
