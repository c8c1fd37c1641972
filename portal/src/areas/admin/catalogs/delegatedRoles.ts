/** The roles that are delegated, by Graph's ids, in the reader's language; one that is new is called as the API calls it. */
import type { RoleDefinition } from "../../../api/adminShapes";
import type { Catalog } from "../../../api/shapes";
import type { Text } from "../../../messages/useText";

/** The role of whoever makes catalogs; it is held in none of them. */
export const CREATOR = "ba92d953-d8e0-4e39-a797-0cbedb0a89e8";

const WORDS: Record<string, string> = {
  [CREATOR]: "creator",
  "ae79f266-94d4-4dab-b730-feca7e132178": "owner",
  "44272f93-9762-48e8-af59-1b5351b1d6b3": "reader",
  "7f480852-ebdc-47d4-87de-0d8498384a83": "packageManager",
  "e2182095-804a-4656-ae11-64734e9b7ae5": "assignmentManager",
};

/** Where a role counts, as the API writes it. */
export const scopeOf = (catalog: Catalog | undefined): string => (catalog ? `/AccessPackageCatalog/${catalog.id}` : "/");

export function roleName({ id, displayName }: RoleDefinition, text: Text): string {
  const word = WORDS[id];
  return word ? text.word("delegatedRole", word) : displayName;
}

export function roleAbout({ id, description }: RoleDefinition, text: Text): string {
  const word = WORDS[id];
  return word ? text.word("delegatedRoleAbout", word) : description;
}
