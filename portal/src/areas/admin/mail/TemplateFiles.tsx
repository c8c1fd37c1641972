import { Badge, Button } from "@fluentui/react-components";
import { ArrowDownloadRegular, DocumentRegular } from "@fluentui/react-icons";
import type { TemplateFile, WholeMail } from "../../../api/mailShapes";
import { useText } from "../../../messages/useText";
import { WholeList } from "../../../ui/Listing";
import { Row } from "../../../ui/Row";
import { Tile } from "../../../ui/Tile";
import { save } from "../parts/save";
import { Part } from "../parts/Part";

/** What a message is made from: which files are one's own, where others would go, and the originals to begin with. */
export function TemplateFiles({ mail }: { mail: WholeMail }) {
  const text = useText();
  const hasFolder = mail.files.some((file) => file.path !== null);
  return (
    <Part title={text("mail.files")} about={text(hasFolder ? "mail.filesAbout" : "mail.filesNowhere")}>
      <WholeList label={text("mail.files")}>
        {mail.files.map((file) => (
          <One key={file.name} file={file} fault={mail.error?.file === file.name} />
        ))}
      </WholeList>
    </Part>
  );
}

function One({ file, fault }: { file: TemplateFile; fault: boolean }) {
  const text = useText();
  const isShared = !file.name.includes("/");
  return (
    <Row
      lead={
        <Tile look="plain">
          <DocumentRegular />
        </Tile>
      }
      title={file.name}
      meta={[
        file.path && text(file.isOverridden ? "mail.isAt" : "mail.goesTo", { path: file.path }),
        isShared && text("mail.isShared"),
      ]}
      extra={
        file.isOverridden ? (
          <Badge appearance="tint" color={fault ? "danger" : "brand"}>
            {text(fault ? "mail.unusable" : "mail.own")}
          </Badge>
        ) : null
      }
      actions={
        <Button
          appearance="subtle"
          icon={<ArrowDownloadRegular />}
          aria-label={text("mail.originalOf", { name: file.name })}
          onClick={() => save(new Blob([file.original], { type: "text/plain;charset=utf-8" }), file.name.split("/").at(-1) ?? file.name)}
        >
          {text("mail.original")}
        </Button>
      }
    />
  );
}
