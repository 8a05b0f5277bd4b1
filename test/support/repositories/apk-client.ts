import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Client, type ClientKind, type ClientSetting, missingPrograms, run } from "./client.ts";

const program = process.env["APK"] ?? "";

/** The apk that `APK` names (apk-tools 2 or 3), in a root of its own. */
export const apkClient: ClientKind = {
  kind: "apk",
  missing: program === "" ? "needs an apk binary, which APK has to name" : missingPrograms(program),
  make: makeClient,
};

function makeClient({ root, url, keys }: ClientSetting): Client {
  mkdirSync(join(root, "etc/apk/keys"), { recursive: true });
  for (const name of readdirSync(keys).filter((file) => file.endsWith(".rsa.pub")))
    copyFileSync(join(keys, name), join(root, "etc/apk/keys", name));
  writeFileSync(join(root, "etc/apk/repositories"), `${url}/apk\n`);
  const options = ["--root", root, "--arch", "x86_64"];
  // without the repositories: this process serves them, and waits here
  execFileSync(program, [...options, "--repositories-file", "/dev/null", "--initdb", "add"], { stdio: "ignore" });
  const apk = (...words: string[]): ReturnType<typeof run> => run(program, [...options, ...words]);
  return {
    refresh: () => apk("--force-refresh", "update"), // apk 2 otherwise keeps an index for some hours
    install: (name, version) => apk("add", version === undefined ? name : `${name}=${version}-r0`),
    upgrade: () => apk("upgrade"),
    downgrade: (name, version) => apk("add", `${name}=${version}-r0`),
    remove: (name) => apk("del", name),
    purge: (name) => apk("del", "--purge", name),
    check: () => apk("audit", "--packages"),
  };
}
