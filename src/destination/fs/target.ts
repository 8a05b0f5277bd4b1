import { mkdirSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import {
  type ByteString,
  fromLatin1,
  fromNativePath,
  fromText,
  makeDirectories,
  nativePath,
  PlakarError,
  systemCode,
  toDisplay,
} from "../../foundation/index.ts";
import { ofSystemError } from "../failures.ts";
import { PRIVATE_DIRECTORY, whatIsAt } from "./safe-path.ts";

/** The directory that everything is restored into. */
export interface Target {
  /** Its absolute path without links; in a dry run it may not be there. */
  readonly real: ByteString;
  /** It was made by this call, and has no metadata of its own yet. */
  readonly made: boolean;
}

/**
 * Finds the directory at an absolute path, or makes it; a dry run makes nothing. Fails with `target-not-directory` (kind
 * input) where it can be none, else as system calls do: `target-denied`, `target-full`, `target-failed`.
 */
export function openTarget(location: string, { dryRun }: { readonly dryRun: boolean }): Target {
  try {
    const path = fromNativePath(fromText(location));
    const there = whatIsAt(path);
    if (!there && dryRun) return { real: path, made: false };
    if (!there) {
      makeDirectories(dirname(location));
      mkdirSync(nativePath(location), PRIVATE_DIRECTORY);
    }
    const real = fromNativePath(fromLatin1(realpathSync.native(nativePath(location), "latin1")));
    if (!whatIsAt(real)?.isDirectory()) throw notDirectory(location);
    return { real, made: !there };
  } catch (error) {
    const reason = noDirectoryByCode[systemCode(error) ?? ""];
    throw reason === undefined ? ofSystemError(error, fromText("")) : notDirectory(location, reason);
  }
}

/** Why a target can be no directory, by what the system answers. */
const noDirectoryByCode: Readonly<Record<string, string>> = {
  ENOENT: "it is a symbolic link that leads nowhere",
  ENOTDIR: "something on the way to it is none",
  ELOOP: "its symbolic links lead in a circle",
  ENAMETOOLONG: "its path is longer than the system allows",
};

/** As much of a path as a message has room for, in characters. */
const SHOWN_LENGTH = 200;

function notDirectory(location: string, reason = ""): PlakarError {
  const shown = location.length > SHOWN_LENGTH ? `${location.slice(0, SHOWN_LENGTH)}…` : location;
  const because = reason === "" ? "" : `: ${reason}`;
  return new PlakarError("target-not-directory", `${toDisplay(fromText(shown))} is not a directory${because}`, {
    kind: "input",
    advice: "Name a directory; it is made when it does not exist.",
  });
}
