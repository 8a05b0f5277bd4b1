import type { ByteString } from "../../foundation/index.ts";

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
    privileged: userId === 0,
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
