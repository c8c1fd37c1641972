/** What the API answers about the messages that people get by mail. */
import type { FaultOut, LetterOut, MailOut, MailsOut, TemplateFileOut } from "./generated";

export type TemplateFault = FaultOut;
export type MailMessage = MailOut;
export type MailMessages = MailsOut;
/** `path` is where one's own goes: nowhere, as long as there is no folder for them. */
export type TemplateFile = TemplateFileOut;
export type WholeMail = LetterOut;
