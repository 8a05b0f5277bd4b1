import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Client, lacks, runScript, startWithin } from "./client.ts";
import { makeBareRoot } from "./roots.ts";

const program = process.env["APK"] ?? "";

/** apk (apk-tools 2 or 3), which `APK` names, in a root that holds busybox as Alpine does. */
export const apkClient: Client = {
  name: "apk",
  missing: () => (program === "" ? "needs an apk binary, which APK has to name" : lacks(program, "busybox", "chroot")),
  async install(setting) {
    const { root } = setting;
    makeBareRoot(root);
    execFileSync(program, ["--root", root, "--repositories-file", "/dev/null", "--initdb", "add"], { stdio: "ignore" });
    mkdirSync(join(root, "tmp/bin"), { recursive: true });
    symlinkSync(program, join(root, "tmp/bin/apk"));
    await runScript(setting, "apk", { PATH: `${join(root, "tmp/bin")}:${process.env["PATH"] ?? ""}` });
    return startWithin(root, "/usr/bin/plakar");
  },
  leave: () => undefined,
};
