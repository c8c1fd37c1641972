import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

/** Writes licenses.txt: the licence of every package that a script of ours holds a piece of. */
export function notices(): Plugin {
  return {
    name: "notices",
    generateBundle(_, bundle) {
      const folders = new Set<string>();
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === "chunk") {
          chunk.moduleIds.map(packageOf).forEach((folder) => folder && folders.add(folder));
        }
      }
      const source = [...folders].sort().map(notice).join("\n\n");
      this.emitFile({ type: "asset", fileName: "licenses.txt", source });
    },
  };
}

function packageOf(id: string): string | undefined {
  if (!id.includes("node_modules")) return undefined;
  let folder = dirname(id.replace("\0", ""));
  while (!(existsSync(join(folder, "package.json")) && "version" in manifest(folder))) {
    const above = dirname(folder);
    if (above === folder) return undefined;
    folder = above;
  }
  return folder;
}

function manifest(folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
}

function notice(folder: string): string {
  const { name, version, license } = manifest(folder);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : "";
  return `${name} ${version} (${license})\n\n${text}\n${"-".repeat(72)}`;
}
