import { symlinkSync } from "node:fs";
import {
  type ByteString,
  toBytes,
  toFsPath,
  toWindowsName,
  toWindowsTarget,
  WINDOWS_ATTRIBUTES,
} from "../../foundation/index.ts";
import type { RestoreItem } from "../contract.ts";

/** On Windows a link is made for a file or for a directory, which the snapshot tells where it comes from there. */
export function makeLink(target: ByteString, absolute: ByteString, item: RestoreItem): void {
  if (process.platform !== "win32") return symlinkSync(toBytes(target), toFsPath(absolute));
  const words = item.extendedAttributes?.find(({ name }) => name === WINDOWS_ATTRIBUTES);
  const kinds = words ? Buffer.from(words.value).toString("latin1").split(",") : [];
  const type = kinds.includes("junction") ? "junction" : kinds.includes("directory") ? "dir" : "file";
  symlinkSync(toBytes(toWindowsTarget(target, toWindowsName)), toFsPath(absolute), type);
}
