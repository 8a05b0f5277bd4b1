import type { LeftOut, RestoreItem } from "../contract.ts";
import { flagsOf } from "./inode-flags.ts";
import { attributeRule, type MetadataPolicy } from "./metadata-policy.ts";

const SET_ID = 0o6000;

/**
 * What only root may give an item: its owner, set-id bits that would then be another's, attributes of the system, flags that
 * protect. Told without trying, of what is there already, and of what a dry run would do.
 */
export function leftOutOf(item: RestoreItem, policy: MetadataPolicy): readonly LeftOut[] {
  if (policy.privileged || policy.skipPermissions || process.platform === "win32") return [];
  const { kind, userId, groupId, permissions } = item.info;
  const isOwned = userId === policy.userId && policy.groupIds.includes(groupId);
  const attributes = item.extendedAttributes ?? [];
  const left: LeftOut[] = [];
  if (!isOwned) left.push("owner");
  if (!isOwned && kind !== "directory" && kind !== "symlink" && (permissions & SET_ID) !== 0) left.push("set-id");
  const isSystem = attributes.some(({ name }) => attributeRule(name, policy) === "privileged" && !isOwn(name));
  if (isSystem) left.push("privileged-attributes");
  if (/[ai]/.test(flagsOf(item))) left.push("flags");
  return left;
}

/** What stands for something else in snapshots. */
function isOwn(name: string): boolean {
  return name.startsWith("trusted.plakar.");
}
