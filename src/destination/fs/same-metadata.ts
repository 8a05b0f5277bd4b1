import { lstatSync } from "node:fs";
import { type ByteString, equalBytes, FLAGS_ATTRIBUTE, systemCode, toFsPath } from "../../foundation/index.ts";
import { getExtendedAttribute, listExtendedAttributes } from "../../system/index.ts";
import type { RestoreItem } from "../contract.ts";
import { attributeRule, type MetadataPolicy } from "./metadata-policy.ts";
import { isFinishedOnWindows } from "./windows-metadata.ts";

/** Whether what is there has everything of the item that this process would give it, content aside. */
export function hasSameMetadata(absolute: ByteString, item: RestoreItem, policy: MetadataPolicy): boolean {
  if (process.platform === "win32") return isFinishedOnWindows(absolute, item, policy);
  const there = lstatSync(toFsPath(absolute), { bigint: true });
  const { info } = item;
  if (there.mtimeNs !== info.modifiedNs) return false;
  if (policy.skipPermissions) return true;
  if ((Number(there.mode) & 0o7777) !== info.permissions) return false;
  const owned = Number(there.uid) === info.userId && Number(there.gid) === info.groupId;
  return (owned || !policy.privileged) && hasSameAttributes(absolute, item, policy);
}

function hasSameAttributes(absolute: ByteString, item: RestoreItem, policy: MetadataPolicy): boolean {
  const recorded = (item.extendedAttributes ?? []).filter(({ name }) => name !== FLAGS_ATTRIBUTE);
  const wanted = recorded.filter(({ name }) => attributeRule(name, policy) === "set");
  try {
    const names = new Set(listExtendedAttributes(absolute).filter((name) => attributeRule(name, policy) === "set"));
    if (names.size !== wanted.length) return false;
    return wanted.every(
      ({ name, value }) => names.has(name) && equalBytes(getExtendedAttribute(absolute, name), value),
    );
  } catch (error) {
    if (systemCode(error) === "ENOTSUP") return wanted.length === 0;
    throw error;
  }
}
