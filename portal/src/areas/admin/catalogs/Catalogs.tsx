import { Badge, Button } from "@fluentui/react-components";
import { AddRegular, LibraryRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Link } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import { useList } from "../../../api/queries";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { Row } from "../../../ui/Row";
import { SearchBox } from "../../../ui/SearchBox";
import { Tile } from "../../../ui/Tile";
import { useLinkStyles } from "../../shared/RequestRow";
import { Bar } from "../parts/Bar";
import { CatalogForm } from "./CatalogForm";

export function Catalogs() {
  const { link } = useLinkStyles();
  const text = useText();
  const [search, setSearch] = useState("");
  const [isMaking, setMaking] = useState(false);
  const list = useList(adminPaths.catalogs(search));
  const mayMake = useMay("makeCatalog");
  const make = mayMake && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => setMaking(true)}>
      {text("admin.catalog.new")}
    </Button>
  );
  return (
    <>
      <Bar>
        <SearchBox label={text("admin.catalog.search")} search={setSearch} />
        {make}
      </Bar>
      <Listing
        list={list}
        label={text("admin.catalogs")}
        empty={{
          icon: <LibraryRegular />,
          title: text(search ? "list.noneFound" : "admin.catalog.none"),
          about: text(mayMake ? "admin.catalog.aboutMaking" : "admin.catalog.about"),
        }}
      >
        {(one) => (
          <Row
            key={one.id}
            lead={
              <Tile look="plain">
                <LibraryRegular />
              </Tile>
            }
            title={
              <Link to={`/admin/catalogs/${one.id}`} className={link}>
                {one.displayName}
              </Link>
            }
            meta={[one.description]}
            extra={one.state === "published" ? null : <Badge appearance="outline">{text.word("catalog", one.state)}</Badge>}
          />
        )}
      </Listing>
      {isMaking && <CatalogForm close={() => setMaking(false)} />}
    </>
  );
}
