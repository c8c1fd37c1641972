import { adminPaths } from "../../../api/adminPaths";
import type { WholePackage, WrittenPolicy } from "../../../api/adminShapes";
import { useOne } from "../../../api/queries";
import { NotThere } from "../parts/NotThere";
import { newPolicy } from "./draft";
import { PolicyForm } from "./PolicyForm";

interface Props {
  packageId: string;
  /** The policy to change; without one, one is made. */
  policyId: string | undefined;
}

/** Where a policy is written. */
export function PolicyPage({ packageId, policyId }: Props) {
  const offered = useOne<WholePackage>(adminPaths.package(packageId));
  const found = useOne<WrittenPolicy>(policyId ? adminPaths.policy(policyId) : null);
  if (!offered.data) return <NotThere found={offered} />;
  if (!policyId) return <PolicyForm offered={offered.data} read={newPolicy(packageId)} />;
  if (!found.data) return <NotThere found={found} />;
  return <PolicyForm offered={offered.data} read={found.data} />;
}
