import { adminPaths } from "../../../api/adminPaths";
import type { Resource } from "../../../api/adminShapes";
import { useMay } from "../../../api/useMay";
import { useWhole } from "../parts/useWhole";

/** How the API calls Grantline's own groups. */
export const OWN_GROUPS = "AadGroup";

/** What of target systems the reader controls: administrators everything, whoever else owns a catalog the groups they own. */
export function useControl(isAsked = true) {
  const isOverAll = useMay("govern");
  const owned = useWhole(adminPaths.ownedGroups("", "999"), isAsked && !isOverAll);
  const ids = new Set(owned.items.map(({ id }) => id));
  const controls = ({ originSystem, originId }: Pick<Resource, "originSystem" | "originId">) =>
    isOverAll || (originSystem === OWN_GROUPS && ids.has(originId));
  return { isOverAll, owned, controls };
}
