import { closeSync, constants, openSync } from "node:fs";
import { FLAGS_ATTRIBUTE, systemCode } from "../../foundation/index.ts";
import { describeSystemError, setInodeFlags } from "../../system/index.ts";
import type { LeftOut, RestoreItem } from "../contract.ts";
import { restoreFailure } from "../failures.ts";
import type { MetadataPolicy } from "./metadata-policy.ts";

/** The flags that were recorded of a file or directory, "" for none. */
export function flagsOf({ info, extendedAttributes }: RestoreItem): string {
  if (info.kind !== "file" && info.kind !== "directory") return "";
  const attribute = extendedAttributes?.find(({ name }) => name === FLAGS_ATTRIBUTE);
  const letters = attribute ? Buffer.from(attribute.value).toString("latin1") : "";
  return /^[acdi]{1,4}$/.test(letters) ? letters : "";
}

/**
 * Gives them back. What the owner may not set, and advice that the file system does not know, is answered; that something
 * is not protected as it was when it could have been is `restore-metadata`.
 */
export function giveFlags(fsPath: string | Buffer, item: RestoreItem, policy: MetadataPolicy): readonly LeftOut[] {
  const letters = flagsOf(item);
  if (letters === "") return [];
  const directory = item.info.kind === "directory" ? constants.O_DIRECTORY : 0;
  const descriptor = openSync(fsPath, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | directory);
  try {
    setInodeFlags(descriptor, letters);
    return [];
  } catch (error) {
    const code = systemCode(error);
    if (!policy.privileged && (code === "EPERM" || code === "EACCES")) return ["flags"];
    const isAdvice = !/[ai]/.test(letters);
    if (isAdvice && (code === "ENOTTY" || code === "ENOTSUP" || code === "EINVAL")) return ["flags"];
    const reason = `its content is there, but not its flags ${letters}: ${describeSystemError(error)}`;
    throw restoreFailure("restore-metadata", code === "EPERM" ? "denied" : "unavailable", item.path, reason, {
      cause: error,
    });
  } finally {
    closeSync(descriptor);
  }
}
