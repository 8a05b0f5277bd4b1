import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Client, type ClientKind, type ClientSetting, missingPrograms, run } from "./client.ts";

/** dnf into an install root, checking the signatures of packages and of metadata. */
export const dnfClient: ClientKind = {
  kind: "yum",
  missing: missingPrograms("dnf", "rpm"),
  make: makeClient,
};

/** Where users put the key, and the keyring package keeps it. */
const keyFile = "etc/pki/rpm-gpg/RPM-GPG-KEY-plakar";

function makeClient({ root, url, keys, suite }: ClientSetting): Client {
  const own = join(root, "dnf");
  mkdirSync(own, { recursive: true });
  mkdirSync(join(root, dirname(keyFile)), { recursive: true });
  copyFileSync(join(keys, "plakar.asc"), join(root, keyFile));
  const configuration = join(own, "dnf.conf");
  writeFileSync(configuration, settings(root, `${url}/yum${suite === undefined ? "" : `/${suite}`}`, own));
  const dnf = (...words: string[]): ReturnType<typeof run> =>
    run("dnf", ["--config", configuration, "--assumeyes", "--forcearch=x86_64", ...words]);
  const named = (name: string, version: string | undefined): string =>
    version === undefined ? name : `${name}-${version}`;
  return {
    refresh: () => dnf("makecache", "--refresh"),
    install: (name, version) => dnf("install", named(name, version)),
    upgrade: () => dnf("upgrade"),
    downgrade: (name, version) => dnf("downgrade", named(name, version)),
    remove: (name) => dnf("remove", name),
    purge: (name) => dnf("remove", name), // rpm removes settings that nobody changed
    check: (name) => run("rpm", ["--root", root, "--verify", name]),
  };
}

function settings(root: string, url: string, own: string): string {
  return [
    "[main]",
    `installroot=${root}`,
    `cachedir=${own}/cache`,
    `logdir=${own}/log`,
    `persistdir=${own}/state`,
    `reposdir=${own}/repos.d`,
    "releasever=1",
    "plugins=0",
    "retries=1",
    "[plakar]",
    "name=Plakar",
    `baseurl=${url}/$basearch`,
    "gpgcheck=1",
    "repo_gpgcheck=1",
    `gpgkey=file://${root}/${keyFile}`,
    "metadata_expire=0",
    "",
  ].join("\n");
}
