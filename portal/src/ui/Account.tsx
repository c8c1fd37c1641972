import {
  Button,
  makeStyles,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  tokens,
} from "@fluentui/react-components";
import { SignOutRegular } from "@fluentui/react-icons";
import { zone } from "../format/times";
import { choose, currentLanguage, type Language, LANGUAGES } from "../messages/language";
import { useText } from "../messages/useText";
import { signOut } from "../session/session";
import { useSession } from "../session/useSession";
import { Face } from "./People";
import { type Scheme, useScheme } from "./theme";

const useStyles = makeStyles({
  who: { padding: "8px 12px", display: "grid" },
  name: { fontWeight: tokens.fontWeightSemibold },
  about: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  face: { minWidth: "40px", width: "40px", height: "40px", padding: 0 },
});

/** Who one is here, how the portal looks and speaks, and the way out. */
export function Account() {
  const styles = useStyles();
  const text = useText();
  const session = useSession();
  const { scheme, choose: chooseScheme } = useScheme();
  return (
    <Menu
      checkedValues={{ scheme: [scheme], language: [currentLanguage()] }}
      onCheckedValueChange={(_, { name, checkedItems }) => {
        if (name === "scheme") chooseScheme(checkedItems[0] as Scheme);
        else void choose(checkedItems[0] as Language);
      }}
    >
      <MenuTrigger>
        <Button
          appearance="subtle"
          shape="circular"
          className={styles.face}
          aria-label={text("account.label", { name: session.displayName })}
        >
          <Face name={session.displayName} size={32} />
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <div className={styles.who}>
          <span className={styles.name}>{session.displayName}</span>
          <span className={styles.about}>{session.userPrincipalName}</span>
          <span className={styles.about}>{text("account.zone", { zone: zone() })}</span>
        </div>
        <MenuList>
          <MenuDivider />
          <MenuGroup>
            <MenuGroupHeader>{text("account.look")}</MenuGroupHeader>
            {(["system", "light", "dark"] as const).map((one) => (
              <MenuItemRadio key={one} name="scheme" value={one}>
                {text(`account.${one}`)}
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuDivider />
          <MenuGroup>
            <MenuGroupHeader>{text("account.language")}</MenuGroupHeader>
            {Object.entries(LANGUAGES).map(([tag, name]) => (
              <MenuItemRadio key={tag} name="language" value={tag}>
                <span lang={tag}>{name}</span>
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuDivider />
          <MenuItem icon={<SignOutRegular />} onClick={() => void signOut(session)}>
            {text("account.signOut")}
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
