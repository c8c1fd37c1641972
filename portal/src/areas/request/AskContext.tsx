import { createContext, lazy, type ReactNode, Suspense, use, useCallback, useState } from "react";

/** What is already known when somebody begins to ask. */
export interface Beginning {
  /** Whom it is for; nobody means oneself, unless `isForOthers`. */
  targetIds?: string[];
  packageIds?: string[];
  isForOthers?: boolean;
  /** What people are called who are not among one's own reports. */
  names?: Record<string, string>;
}

const AskContext = createContext<(beginning?: Beginning) => void>(() => undefined);
const RequestPanel = lazy(() => import("./RequestPanel"));

/** Lets every page open the request panel. */
export function Asking({ children }: { children: ReactNode }) {
  const [beginning, setBeginning] = useState<Beginning>();
  const close = useCallback(() => setBeginning(undefined), []);
  const ask = useCallback((given: Beginning = {}) => setBeginning(given), []);
  return (
    <AskContext value={ask}>
      {children}
      <Suspense>{beginning && <RequestPanel beginning={beginning} close={close} />}</Suspense>
    </AskContext>
  );
}

export const useAsk = () => use(AskContext);
