import type { ReactNode } from "react";
import { Link } from "wouter";
import type { WholePackage } from "../../../api/adminShapes";
import { useText } from "../../../messages/useText";
import { Row } from "../../../ui/Row";
import { useLinkStyles } from "../../shared/RequestRow";
import type { Place } from "../../shared/useVanishing";
import { Delete } from "../parts/Delete";

interface Props {
  icon: ReactNode;
  excluded: { displayName: string; description?: string | null };
  offered: WholePackage;
  to?: string;
  /** How it is taken off; not for whoever may not. */
  remove?: false | (() => Promise<unknown>);
  from?: Place;
}

/** Something that excludes a package. */
export function ExclusionRow({ icon, excluded, offered, to, remove, from }: Props) {
  const { link } = useLinkStyles();
  const text = useText();
  const names = { name: excluded.displayName, package: offered.displayName };
  return (
    <Row
      lead={icon}
      title={
        to ? (
          <Link to={to} className={link}>
            {excluded.displayName}
          </Link>
        ) : (
          excluded.displayName
        )
      }
      meta={[excluded.description]}
      actions={
        remove && (
          <Delete
            action={text("admin.remove")}
            label={text("admin.removeLabel", names)}
            title={text("admin.exclusion.removeTitle", names)}
            about={text("admin.exclusion.removeAbout", names)}
            done={text("admin.removed", names)}
            act={remove}
            {...(from ? { from } : {})}
          />
        )
      }
    />
  );
}
