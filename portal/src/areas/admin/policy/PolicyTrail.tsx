import type { WholePackage } from "../../../api/adminShapes";
import { Trail } from "../parts/Trail";

/** Where a policy is: in a package, in a catalog. */
export function PolicyTrail({ offered: { id, displayName, catalog } }: { offered: WholePackage }) {
  return (
    <Trail
      steps={[
        { name: catalog.displayName, to: `/admin/catalogs/${catalog.id}` },
        { name: displayName, to: `/admin/packages/${id}` },
      ]}
    />
  );
}
