import { join } from "node:path";
import { type Client, isRoot, lacks, runScript, startAt, startWithin } from "./client.ts";
import { makeBareRoot } from "./roots.ts";

/**
 * The archive in a root that holds nothing but a shell: no C library, no /proc, no /dev. Who is not root tries it in a folder,
 * where at least the program and its own libraries show what they do.
 */
export const archiveClient: Client = {
  name: "archive",
  missing: () => (isRoot() ? lacks("busybox", "chroot") : undefined),
  async install(setting) {
    const { root } = setting;
    if (!isRoot()) {
      await runScript(setting, "archive", {}, ["--prefix", join(root, "prefix")]);
      return startAt(join(root, "prefix/bin/plakar"), root);
    }
    makeBareRoot(root);
    await runScript(setting, "archive");
    return startWithin(root, "/usr/local/bin/plakar");
  },
  leave: () => undefined,
};
