/** What the API answers about the messages that people get by mail. */
export interface TemplateFault {
  file: string;
  line: number | null;
  message: string;
}

export interface MailMessage {
  id: string;
  subject: string | null;
  isOverridden: boolean;
  overriddenBy: string[];
  error: TemplateFault | null;
}

export interface MailMessages {
  items: MailMessage[];
  languages: string[];
  folder: string | null;
  errors: TemplateFault[];
}

export interface TemplateFile {
  name: string;
  /** Where one's own goes; nowhere, as long as there is no folder for them. */
  path: string | null;
  isOverridden: boolean;
  original: string;
}

export interface WholeMail extends MailMessage {
  language: string;
  languages: string[];
  text: string | null;
  html: string | null;
  files: TemplateFile[];
}
