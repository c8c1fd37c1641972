import { adminPaths } from "../../../api/adminPaths";
import { useOne } from "../../../api/queries";
import { useMay } from "../../../api/useMay";
import Missing from "../../Missing";
import { NotThere } from "../parts/NotThere";
import { newPolicy } from "./draft";
import { PolicyForm } from "./PolicyForm";
import { PolicyWords } from "./PolicyWords";

interface Props {
  packageId: string;
  /** The policy to change; without one, one is made. */
  policyId: string | undefined;
}

/** Where a policy is written, or read by whoever may not write it. */
export function PolicyPage({ packageId, policyId }: Props) {
  const offered = useOne(adminPaths.package(packageId));
  const found = useOne(policyId ? adminPaths.policy(policyId) : null);
  const mayChange = useMay("changePolicy", offered.data?.catalog.id);
  if (!offered.data) return <NotThere found={offered} />;
  if (!policyId && !mayChange) return <Missing />;
  if (!policyId) return <PolicyForm offered={offered.data} read={newPolicy(packageId)} />;
  if (!found.data) return <NotThere found={found} />;
  if (!mayChange) return <PolicyWords offered={offered.data} read={found.data} />;
  return <PolicyForm offered={offered.data} read={found.data} />;
}
