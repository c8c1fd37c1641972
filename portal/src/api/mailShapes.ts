/** What the API answers about the messages that people get by mail. */
import type { FaultOut, LetterOut, MailOut, TemplateFileOut } from "./generated";

export type TemplateFault = FaultOut;
export type MailMessage = MailOut;
/** `path` is where one's own goes: nowhere, as long as there is no folder for them. */
export type TemplateFile = TemplateFileOut;
export type WholeMail = LetterOut;
