import { Toast, Toaster, ToastTitle, useId, useToastController } from "@fluentui/react-components";
import { createContext, type ReactNode, use, useCallback } from "react";

type Notify = (says: string, intent?: "success" | "error") => void;
/** What did not work is read more slowly. */
const TIMEOUT = { success: 6_000, error: 15_000 };
const NotifyContext = createContext<Notify>(() => undefined);

/** Says at the edge of the page what has been done, politely, or what has not. */
export function Notices({ children }: { children: ReactNode }) {
  const id = useId("notices");
  const { dispatchToast } = useToastController(id);
  const notify = useCallback<Notify>(
    (says, intent = "success") =>
      dispatchToast(
        <Toast>
          <ToastTitle>{says}</ToastTitle>
        </Toast>,
        { intent, timeout: TIMEOUT[intent] },
      ),
    [dispatchToast],
  );
  return (
    <NotifyContext value={notify}>
      {children}
      <Toaster toasterId={id} position="bottom-end" />
    </NotifyContext>
  );
}

export const useNotify = (): Notify => use(NotifyContext);
