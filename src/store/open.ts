import { PlakarError } from "../foundation/index.ts";
import type { Store } from "./contract.ts";
import { FsStore } from "./fs.ts";
import { PtarStore } from "./ptar.ts";

/** The store at a location: a path, `fs:PATH`, `ptar:FILE`, or a file named `*.ptar`. Nothing is opened yet. */
export async function openStore(location: string): Promise<Store> {
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]+):(.*)$/i.exec(location) ?? [];
  const path = rest.startsWith("//") ? rest.slice(2) : rest;
  if (scheme === undefined) return location.endsWith(".ptar") ? new PtarStore(location) : new FsStore(location);
  if (scheme === "fs" || scheme === "file") return new FsStore(path);
  if (scheme === "ptar") return new PtarStore(path);
  throw new PlakarError("store-scheme-unknown", `stores at ${scheme}: are not known`, {
    kind: "input",
    advice: "Name a directory, or a .ptar file.",
  });
}
