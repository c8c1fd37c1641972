/** What whoever reads may do, as the API's one table says (docs/permissions.md). The portal knows tasks, and no roles. */
import { paths } from "./paths";
import { useOne } from "./queries";

/** The tasks that the portal has something for; a test holds them against the table. */
export type Task =
  | "assign"
  | "assignRoles"
  | "cancel"
  | "cancelDelivery"
  | "changeCatalog"
  | "changeExtensions"
  | "changePackage"
  | "changePolicy"
  | "changeResources"
  | "govern"
  | "listAssignments"
  | "listCatalogs"
  | "listRequests"
  | "makeCatalog"
  | "makeCreators"
  | "readCatalog"
  | "reprocess";

/** The answer to every such question, and what there is of it: until it is here, nobody may anything. */
export function usePermissions() {
  const found = useOne(paths.permissions());
  const { everywhere = [], catalogs = [] } = found.data ?? {};
  const may = (task: Task, catalogId?: string): boolean =>
    everywhere.includes(task) || catalogs.some(({ id, tasks }) => (catalogId === undefined || id === catalogId) && tasks.includes(task));
  return { found, may };
}

/** Whether the reader may do this to what lies in a catalog; without one, whether they may anywhere. */
export function useMay(task: Task, catalogId?: string): boolean {
  return usePermissions().may(task, catalogId);
}
