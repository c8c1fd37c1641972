import type { ReactNode } from "react";
import { Router } from "wouter";
import { aroundNav, useGuardedLocation, useGuardedSearch } from "./leaving";

/** The router of the whole portal: nobody leaves a page with something typed on it unasked. */
export function Leaving({ children }: { children: ReactNode }) {
  return (
    <Router hook={useGuardedLocation} searchHook={useGuardedSearch} aroundNav={aroundNav}>
      {children}
    </Router>
  );
}
