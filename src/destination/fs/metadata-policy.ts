import type { ByteString } from "../../foundation/index.ts";
import { ACCESS_ACL, DEFAULT_ACL } from "../../system/index.ts";

/** What of the metadata this process gives back. Plain, so that it can be posted to workers. */
export interface MetadataPolicy {
  /** Root: owners, set-id bits and every attribute are given back. */
  readonly privileged: boolean;
  readonly userId: number;
  /** Groups the user may give files to. */
  readonly groupIds: readonly number[];
  /** Neither owner, mode nor access lists: what a new file of this user has. */
  readonly skipPermissions: boolean;
  readonly umask: number;
}

/** The policy of this process as it is now. */
export function metadataPolicy(options: { readonly skipPermissions?: boolean } = {}): MetadataPolicy {
  const userId = process.geteuid?.() ?? 0;
  return {
    // Windows has no such numbers: nobody is root there
    privileged: process.geteuid !== undefined && userId === 0,
    userId,
    groupIds: [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])],
    skipPermissions: options.skipPermissions ?? false,
    umask: process.umask(),
  };
}

/** Whether an attribute is set, and if not, whether that is worth saying. */
export function attributeRule(name: ByteString, policy: MetadataPolicy): "set" | "skip" | "privileged" {
  if (policy.skipPermissions) return name.startsWith("user.") ? "set" : "skip";
  const reserved = name.startsWith("trusted.") || name.startsWith("security.");
  return reserved && !policy.privileged ? "privileged" : "set";
}

/**
 * Whether an attribute that is there but not recorded is taken away. Labels of the system (SELinux, IMA) are not the
 * user's: the system gave them to what is there now.
 */
export function isRemovable(name: ByteString, policy: MetadataPolicy): boolean {
  if (name.startsWith("user.")) return true;
  if (policy.skipPermissions) return false;
  if (name === ACCESS_ACL || name === DEFAULT_ACL) return true;
  return policy.privileged && (name.startsWith("trusted.") || name === "security.capability");
}
