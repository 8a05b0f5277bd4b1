import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Client, type ClientKind, type ClientSetting, missingPrograms, type Outcome, run } from "./client.ts";

/** apt with directories, sources and dpkg database of its own. */
export const aptClient: ClientKind = {
  kind: "apt",
  missing: missingPrograms("apt-get", "dpkg"),
  make: makeClient,
};

/** Where users put the key, and the keyring package keeps it. */
const keyring = "usr/share/keyrings/plakar-archive-keyring.gpg";

function makeClient({ root, url, keys }: ClientSetting): Client {
  for (const folder of [
    "etc/apt/apt.conf.d",
    "etc/apt/preferences.d",
    "etc/apt/sources.list.d",
    "var/lib/apt/lists/partial",
    "var/cache/apt/archives/partial",
    "var/lib/dpkg/updates",
    "var/lib/dpkg/info",
    "var/log/apt",
    dirname(keyring),
  ])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "var/lib/dpkg/status"), "");
  copyFileSync(join(keys, "plakar.gpg"), join(root, keyring));
  writeFileSync(
    join(root, "etc/apt/sources.list.d/plakar.sources"),
    `Types: deb\nURIs: ${url}/apt\nSuites: stable\nComponents: main\nSigned-By: ${join(root, keyring)}\n`,
  );
  const configuration = join(root, "etc/apt/apt.conf");
  writeFileSync(configuration, settings(root));
  const env = { ...process.env, APT_CONFIG: configuration, DEBIAN_FRONTEND: "noninteractive" };
  const get = (...words: string[]): ReturnType<typeof run> => run("apt-get", ["--yes", "--quiet", ...words], env);
  return aptCommands(get, (name) => run("dpkg", [`--root=${root}`, "--verify", name]));
}

function settings(root: string): string {
  return [
    `Dir "${root}";`,
    `Dir::State::status "${root}/var/lib/dpkg/status";`,
    'Dir::Bin::dpkg "/usr/bin/dpkg";',
    'APT::Architecture "amd64";',
    'APT::Architectures { "amd64"; };',
    'APT::Sandbox::User "root";', // `_apt` cannot look into a temporary directory
    `DPkg::Options { "--root=${root}"; "--force-not-root"; "--force-bad-path"; "--log=${root}/dpkg.log"; };`,
    'Acquire::Languages "none";',
    'Acquire::Retries "0";',
    "",
  ].join("\n");
}

/** What people do with apt, however it is started. */
export function aptCommands(get: (...words: string[]) => Promise<Outcome>, check: Client["check"]): Client {
  return {
    refresh: () => get("update"),
    install: (name, version) => get("install", version === undefined ? name : `${name}=${version}-1`),
    upgrade: () => get("upgrade"),
    downgrade: (name, version) => get("install", "--allow-downgrades", `${name}=${version}-1`),
    remove: (name) => get("remove", name),
    purge: (name) => get("purge", name),
    check,
  };
}
