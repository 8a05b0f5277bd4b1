import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aptCommands } from "./apt-client.ts";
import { type Client, type ClientSetting, missingPrograms, type Outcome, run } from "./client.ts";

const debootstrap = "/usr/sbin/debootstrap";

/** Why there can be no Debian here; undefined if there can. */
export function debianLacks(): string | undefined {
  if (process.getuid?.() !== 0) return "needs to be root, for debootstrap";
  return existsSync(debootstrap)
    ? missingPrograms("apt-get", "chroot")
    : "needs debootstrap, which this machine has not";
}

/** Debian 12 in a directory, from where this machine has its own packages, and an apt in it that knows only ours. */
export function makeDebianClient({ root, url, keys }: ClientSetting): Client {
  const targets = execFileSync("apt-get", ["indextargets", "--format", "$(REPO_URI)"], { encoding: "utf8" });
  const [mirror = ""] = targets.split("\n").filter((line) => !line.includes("security"));
  const words = ["--variant=minbase", "--include=libatomic1", "bookworm", root, mirror];
  execFileSync(debootstrap, words, { stdio: "ignore" });
  rmSync(join(root, "etc/apt/sources.list"), { force: true });
  const key = "usr/share/keyrings/plakar-archive-keyring.gpg";
  copyFileSync(join(keys, "plakar.gpg"), join(root, key));
  writeFileSync(
    join(root, "etc/apt/sources.list.d/plakar.sources"),
    `Types: deb\nURIs: ${url}/apt\nSuites: stable\nComponents: main\nSigned-By: /${key}\n`,
  );
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", DEBIAN_FRONTEND: "noninteractive" };
  const get = (...command: string[]): Promise<Outcome> => run("chroot", [root, "apt-get", "--yes", ...command], env);
  return aptCommands(get, (name) => run("chroot", [root, "dpkg", "--verify", name], env));
}
