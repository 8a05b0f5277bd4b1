import { type ByteString, fromText, fromWindowsPath, isWindowsPath } from "../foundation/index.ts";

/** What a command line says of a snapshot, and of a path in it. */
export interface NamedTarget {
  /** `latest`, the beginning of an id, or nothing: the newest. */
  readonly snapshot: string;
  /** As typed; "" for none. */
  readonly path: string;
}

const onWindows = process.platform === "win32";

/**
 * `SNAPSHOT`, `SNAPSHOT:PATH`, `:PATH`, or nothing. On Windows a path of a drive or a share is itself, in the newest snapshot:
 * the letter of a drive is no beginning of an id there.
 */
export function parseTarget(text: string, isOnWindows: boolean = onWindows): NamedTarget {
  if (isOnWindows && isWindowsPath(text)) return { snapshot: "", path: text };
  const colon = text.indexOf(":");
  return colon < 0 ? { snapshot: text, path: "" } : { snapshot: text.slice(0, colon), path: text.slice(colon + 1) };
}

/** Whether a command line leaves it to the program which snapshot it means. */
export function isNewestTarget(text: string): boolean {
  const { snapshot } = parseTarget(text);
  return snapshot === "" || snapshot === "latest";
}

/**
 * A typed path, relative to `root` unless absolute, to a path of a snapshot: no `.`, `..` or double slashes. `isOfWindows`: it
 * is typed on Windows, or names something that was saved there; no name on Windows has a backslash.
 */
export function pathInSnapshot(
  typed: string,
  root: ByteString,
  { isOfWindows }: { readonly isOfWindows: boolean },
): ByteString {
  const path = fromText(typed);
  if (!isOfWindows) return normalisePath(path, root);
  const slashed = isWindowsPath(path) ? fromWindowsPath(path) : (path.replaceAll("\\", "/") as ByteString);
  const normal = normalisePath(slashed, root);
  return normal.replace(/^\/[a-z]:(?=\/|$)/, (drive) => drive.toUpperCase()) as ByteString;
}

/** A path, relative to `base` unless absolute, without `.`, `..` and double slashes. */
export function normalisePath(typed: ByteString, base: ByteString): ByteString {
  const parts: string[] = [];
  for (const part of (typed.startsWith("/") ? typed : `${base}/${typed}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}` as ByteString;
}
