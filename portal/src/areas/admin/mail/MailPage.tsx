import {
  Field,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Select,
  Tab,
  TabList,
  tokens,
} from "@fluentui/react-components";
import { useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import type { WholeMail } from "../../../api/mailShapes";
import { useOne } from "../../../api/queries";
import { currentLanguage } from "../../../messages/language";
import { useText } from "../../../messages/useText";
import { Page } from "../../../ui/Page";
import { NotThere } from "../parts/NotThere";
import { Part } from "../parts/Part";
import { Trail } from "../parts/Trail";
import { Faults } from "./Faults";
import { Letter } from "./Letter";
import { Words } from "./Mails";
import { TemplateFiles } from "./TemplateFiles";

const SAMPLES = ["full", "least"];

const useStyles = makeStyles({
  choices: { display: "flex", flexWrap: "wrap", gap: "12px 16px" },
  subject: { fontWeight: tokens.fontWeightSemibold, overflowWrap: "anywhere" },
  plain: {
    margin: 0,
    padding: "20px 24px",
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
    fontFamily: tokens.fontFamilyMonospace,
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
  },
});

/** One message: how it looks, with everything filled in that could be or with the least, and what it is made from. */
export function MailPage({ id }: { id: string }) {
  const [language, setLanguage] = useState("en");
  const [sample, setSample] = useState("full");
  const found = useOne(adminPaths.mail(id, language, sample));
  const [last, setLast] = useState<WholeMail>();
  if (found.data && found.data !== last) setLast(found.data);
  // While another sample is on its way, the page stays.
  const mail = found.data ?? (last?.id === id && !found.error ? last : undefined);
  if (!mail) return <NotThere found={found} />;
  return <Shown mail={mail} language={language} setLanguage={setLanguage} sample={sample} setSample={setSample} />;
}

interface Props {
  mail: WholeMail;
  language: string;
  setLanguage: (language: string) => void;
  sample: string;
  setSample: (sample: string) => void;
}

function Shown({ mail, language, setLanguage, sample, setSample }: Props) {
  const styles = useStyles();
  const text = useText();
  const languageNames = new Intl.DisplayNames([currentLanguage()], { type: "language" });
  return (
    <Page
      title={text.word("mailName", mail.id)}
      about={text.word("mailWhen", mail.id)}
      above={<Trail steps={[{ name: text("admin.mail"), to: "/admin/mail" }]} />}
      actions={<Words mail={mail} />}
    >
      {mail.error && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{text("mail.unusableWhy")}</MessageBarTitle>
            <Faults faults={[mail.error]} />
          </MessageBarBody>
        </MessageBar>
      )}
      {mail.html !== null && mail.text !== null && (
        <Part title={text("mail.preview")} about={text("mail.previewAbout", { language: languageNames.of(mail.language) ?? mail.language })}>
          <div className={styles.choices}>
            <Field label={text("mail.sample")}>
              <Select value={sample} onChange={(_, { value }) => setSample(value)}>
                {SAMPLES.map((one) => (
                  <option key={one} value={one}>
                    {text.word("mailSample", one)}
                  </option>
                ))}
              </Select>
            </Field>
            {mail.languages.length > 1 && (
              <Field label={text("mail.language")}>
                <Select value={language} onChange={(_, { value }) => setLanguage(value)}>
                  {mail.languages.map((one) => (
                    <option key={one} value={one}>
                      {languageNames.of(one)}
                    </option>
                  ))}
                </Select>
              </Field>
            )}
          </div>
          <Preview subject={mail.subject ?? ""} html={mail.html} plain={mail.text} />
        </Part>
      )}
      <TemplateFiles mail={mail} />
    </Page>
  );
}

function Preview({ subject, html, plain }: { subject: string; html: string; plain: string }) {
  const styles = useStyles();
  const text = useText();
  const [form, setForm] = useState("html");
  return (
    <>
      <div className={styles.subject}>{text("mail.subject", { subject })}</div>
      <TabList size="small" appearance="subtle-circular" selectedValue={form} onTabSelect={(_, { value }) => setForm(String(value))}>
        <Tab value="html">{text("mail.html")}</Tab>
        <Tab value="text">{text("mail.text")}</Tab>
      </TabList>
      {form === "html" ? (
        <Letter html={html} title={text("mail.previewOf", { subject })} />
      ) : (
        <pre className={styles.plain} tabIndex={0} aria-label={text("mail.previewOf", { subject })} role="region">
          {plain}
        </pre>
      )}
    </>
  );
}
