import { type Client, lacks, runScript, startWithin } from "./client.ts";
import { makeBareRoot } from "./roots.ts";

/** The archive in a root that holds nothing but a shell: no C library, no /proc, no /dev. */
export const archiveClient: Client = {
  name: "archive",
  missing: () => lacks("busybox", "chroot"),
  async install(setting) {
    makeBareRoot(setting.root);
    await runScript(setting, "archive");
    return startWithin(setting.root, "/usr/local/bin/plakar");
  },
  leave: () => undefined,
};
