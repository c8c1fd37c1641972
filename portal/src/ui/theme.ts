/** Light or dark: what was chosen, else what the system says, also when it changes its mind. */
import { type Theme, webDarkTheme, webLightTheme } from "@fluentui/react-components";
import { useCallback, useSyncExternalStore } from "react";

export type Scheme = "system" | "light" | "dark";
const CHOSEN = "grantline.scheme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

const light: Theme = { ...webLightTheme, borderRadiusMedium: "6px" };
const dark: Theme = { ...webDarkTheme, borderRadiusMedium: "6px" };

function chosen(): Scheme {
  const found = localStorage.getItem(CHOSEN);
  return found === "light" || found === "dark" ? found : "system";
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  system.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener("change", listener);
  };
}

function isDark(): boolean {
  return chosen() === "system" ? system.matches : chosen() === "dark";
}

export function useScheme() {
  const scheme = useSyncExternalStore(subscribe, chosen);
  const theme = useSyncExternalStore(subscribe, isDark) ? dark : light;
  const choose = useCallback((wanted: Scheme) => {
    localStorage.setItem(CHOSEN, wanted);
    listeners.forEach((listener) => listener());
  }, []);
  return { scheme, theme, isDark: theme === dark, choose };
}
