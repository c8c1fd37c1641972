import { Button, makeStyles, Spinner } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId } from "react";
import { useRefresh } from "../../../api/queries";
import { useText } from "../../../messages/useText";
import { useNotify } from "../../../ui/Notices";
import { Panel } from "../../../ui/Panel";
import { Problem } from "../../../ui/Problem";
import { useTyped } from "../../../ui/useUnsaved";
import { type Complain, complainer, refusedAt, useGoingToComplaints } from "../../shared/complaints";

const useStyles = makeStyles({ form: { display: "contents" } });

interface Props<T> {
  title: string;
  about?: string;
  action: string;
  /** What is said when it is done. */
  done: string;
  /** Nothing is sent before. */
  isReady: boolean;
  send: () => Promise<T>;
  after?: (sent: T) => void;
  close: () => void;
  /** The places in the body that have a field here; what is said of others stands below. */
  places: string[];
  children: (complain: Complain) => ReactNode;
}

/** A short form in a panel: what is refused stands beside its field, and what was typed stays until it is taken. */
export function FormPanel<T>({ title, about, action, done, isReady, send, after, close, places, children }: Props<T>) {
  const styles = useStyles();
  const text = useText();
  const notify = useNotify();
  const refresh = useRefresh();
  const form = useId();
  const typed = useTyped(close);
  const sending = useMutation({
    mutationFn: send,
    onSuccess: async (sent) => {
      notify(done);
      typed.forget();
      close();
      after?.(sent);
      await refresh();
    },
  });
  useGoingToComplaints(sending.error);
  const said = refusedAt(sending.error);
  const isBeside = complainer(said)(...places).validationState !== undefined;
  const isOn = isReady && !sending.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isOn) sending.mutate();
  };
  const footer = (
    <>
      <Button
        appearance="primary"
        type="submit"
        form={form}
        disabledFocusable={!isOn}
        icon={sending.isPending ? <Spinner size="tiny" /> : null}
      >
        {action}
      </Button>
      <Button onClick={typed.close}>{text("cancel")}</Button>
    </>
  );
  return (
    <Panel title={title} close={close} footer={footer} typed={typed}>
      {about && <div>{about}</div>}
      <form id={form} data-form onSubmit={submit} className={styles.form}>
        {children(complainer(said))}
      </form>
      <Problem error={isBeside ? null : sending.error} />
    </Panel>
  );
}
