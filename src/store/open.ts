import { stat } from "node:fs/promises";
import { nativePath, PlakarError, typedOnWindows } from "../foundation/index.ts";
import type { Store } from "./contract.ts";
import { openFsStore } from "./fs.ts";
import { isPtar, openPtarStore } from "./ptar.ts";

/** Two letters at least, so that `C:\backup` is a path. */
const schemeForm = /^([a-z][a-z0-9+.-]+):(.*)$/is;

/**
 * The store at a location: a path, `fs:PATH`, `fs://PATH`, `ptar:FILE`, or a ptar, by its first bytes or the name
 * `*.ptar`. Relative paths start at the working directory; `~` is for shells. Nothing need be there: `readConfiguration` tells. Fails with
 * code `store-scheme-unknown`, kind `input`.
 */
export async function openStore(location: string): Promise<Store> {
  const [, scheme, rest = ""] = schemeForm.exec(location) ?? [];
  const onSystem = process.platform === "win32" ? typedOnWindows : (path: string): string => path;
  if (scheme === undefined) return openPath(onSystem(required(location, location)));
  const path = onSystem(rest.startsWith("//") ? rest.slice(2) : rest);
  if (scheme.toLowerCase() === "fs") return openFsStore(required(path, location));
  if (scheme.toLowerCase() === "ptar") return openPtarStore(required(path, location));
  throw new PlakarError("store-scheme-unknown", `no integration opens stores at ${scheme}:`, {
    kind: "input",
    // without the rest of the location, which may hold a password
    advice: `Name a directory (with ./ before a name that has a colon) or a .ptar file, or install the integration for ${scheme}.`,
    details: { scheme },
  });
}

async function openPath(path: string): Promise<Store> {
  const found = await stat(nativePath(path)).catch(() => undefined);
  if (found?.isDirectory()) return openFsStore(path);
  const named = path.endsWith(".ptar");
  return named || (found?.isFile() && (await isPtar(path))) ? openPtarStore(path) : openFsStore(path);
}

function required(path: string, location: string): string {
  if (path !== "") return path;
  throw new PlakarError("store-location-empty", `the location of the store names no path: "${location}"`, {
    kind: "input",
    advice: "Name a directory: plakar at /srv/backup …",
  });
}
