import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { PackagingError } from "../packaging-error.ts";
import type { Architecture } from "./libraries.ts";

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Where Debian 12 comes from: `$PLAKAR_DEBIAN_MIRROR`, and `$PLAKAR_DEBIAN_SECURITY_MIRROR` beside it; else what a machine that
 * is Debian 12 has in its own sources. apt checks what they give against Debian's keys.
 */
function sourceSettings(state: string): string[] {
  const mirror = process.env["PLAKAR_DEBIAN_MIRROR"] ?? "";
  const security = process.env["PLAKAR_DEBIAN_SECURITY_MIRROR"] ?? "";
  if (mirror === "") {
    if (!isDebian12()) throw unfetched("this machine is not Debian 12, and no mirror of that is named");
    return ["Dir::Etc::sourcelist=/etc/apt/sources.list", "Dir::Etc::sourceparts=/etc/apt/sources.list.d"];
  }
  const lines = [
    `deb [signed-by=${keyring}] ${mirror} bookworm main`,
    ...(security === "" ? [] : [`deb [signed-by=${keyring}] ${security} bookworm-security main`]),
  ];
  writeFileSync(join(state, "sources.list"), `${lines.join("\n")}\n`);
  return [
    `Dir::Etc::sourcelist=${join(state, "sources.list")}`,
    `Dir::Etc::sourceparts=${join(state, "sources.d")}`,
    "APT::Update::Error-Mode=any",
  ];
}

function isDebian12(): boolean {
  try {
    return /^VERSION_CODENAME=bookworm$/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}

/**
 * Downloads packages of Debian 12 for an architecture into `folder`, in their newest versions, and answers their paths. apt
 * verifies them; all its state is below `folder`, so that the machine's own is as it was.
 */
export function downloadDebianPackages(names: readonly string[], architecture: Architecture, folder: string): string[] {
  const state = resolve(folder, "apt");
  for (const place of ["lists/partial", "cache/archives/partial", "sources.d"])
    mkdirSync(join(state, place), { recursive: true });
  writeFileSync(join(state, "status"), "");
  const settings = [
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
    "APT::Sandbox::User=root", // `_apt` may not be allowed to read this folder
    `Dir::State=${state}`,
    `Dir::State::lists=${join(state, "lists")}`,
    `Dir::State::status=${join(state, "status")}`,
    `Dir::Cache=${join(state, "cache")}`,
    ...sourceSettings(state),
    "Acquire::Languages=none",
    "Acquire::Retries=2",
  ].flatMap((setting) => ["-o", setting]);
  apt([...settings, "update"], folder);
  apt([...settings, "download", ...names], folder);
  const files = readdirSync(folder);
  return names.map((name) => {
    const file = files.find((candidate) => candidate.startsWith(`${name}_`) && candidate.endsWith(".deb"));
    if (file === undefined) throw unfetched(`apt-get brought no ${name}`);
    return join(folder, file);
  });
}

function apt(words: string[], folder: string): void {
  try {
    execFileSync("apt-get", ["-q", ...words], { cwd: folder, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  } catch (cause) {
    const { code, stderr = "" } = cause as { code?: string; stderr?: string };
    throw unfetched(code === "ENOENT" ? "there is no apt-get here" : stderr.trim(), cause);
  }
}

function unfetched(problem: string, cause?: unknown): PackagingError {
  return new PackagingError(
    `the libraries for the static tarball and the apk could not be fetched from Debian 12: ${problem}`,
    "have apt-get and debian-archive-keyring, and a mirror of Debian within reach (PLAKAR_DEBIAN_MIRROR names another); `--only deb` and `--only rpm` need neither",
    { cause },
  );
}
