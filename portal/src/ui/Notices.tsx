import { Toast, Toaster, ToastTitle, useId, useToastController } from "@fluentui/react-components";
import { createContext, type ReactNode, use, useCallback } from "react";

type Notify = (says: string) => void;
const NotifyContext = createContext<Notify>(() => undefined);

/** Says what has been done, politely, at the edge of the page. */
export function Notices({ children }: { children: ReactNode }) {
  const id = useId("notices");
  const { dispatchToast } = useToastController(id);
  const notify = useCallback<Notify>(
    (says) =>
      dispatchToast(
        <Toast>
          <ToastTitle>{says}</ToastTitle>
        </Toast>,
        { intent: "success", timeout: 6000 },
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
