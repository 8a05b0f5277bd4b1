import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";
import { type Client, lacks, runScript, startWithin } from "./client.ts";
import { copyOwnLibraries, makeBareRoot } from "./roots.ts";

/**
 * dnf into an install root that holds this machine's C library, and a package of ours that says so: the distributions whose
 * dnf it is are not here, but their package manager is.
 */
export const dnfClient: Client = {
  name: "dnf",
  missing: () => lacks("dnf", "rpm", "rpmbuild", "busybox", "chroot"),
  async install(setting) {
    const { root } = setting;
    await makeDnfRoot(root);
    await runScript(setting, "dnf");
    return startWithin(root, "/usr/bin/plakar");
  },
  leave: () => undefined,
};

/** A shell, this machine's C library, and a package that says so. */
export async function makeDnfRoot(root: string): Promise<void> {
  makeBareRoot(root);
  copyOwnLibraries(root);
  await installSystem(root);
}

/** Everything that an rpm may ask of a C library, as a package without files. */
async function installSystem(root: string): Promise<void> {
  const build = join(root, "tmp/rpmbuild");
  mkdirSync(build, { recursive: true });
  const provided = [
    ...["/bin/sh", "glibc", "libstdc++", "libgcc", "libatomic", "systemd"],
    ...symbolVersions("libc.so.6", "GLIBC", ["2.2.5", "2.3", "2.3.2", "2.3.4"], 4, 40),
    ...["libm.so.6", "libdl.so.2", "libpthread.so.0", "ld-linux-x86-64.so.2"].flatMap((library) =>
      symbolVersions(library, "GLIBC", ["2.2.5", "2.3", "2.3.2", "2.3.4"], 4, 40),
    ),
    ...symbolVersions("libstdc++.so.6", "GLIBCXX", numbered("3.4", 33), 0, -1),
    ...symbolVersions("libstdc++.so.6", "CXXABI", numbered("1.3", 15), 0, -1),
    ...symbolVersions("libgcc_s.so.1", "GCC", ["3.0", "3.3", "3.3.1", "4.2.0"], 0, -1),
    ...symbolVersions("libatomic.so.1", "LIBATOMIC", ["1.0", "1.1", "1.2"], 0, -1),
  ];
  const specification = [
    "Name: system",
    "Version: 1",
    "Release: 1",
    "Summary: what this machine has",
    "License: none",
    ...provided.map((each) => `Provides: ${each}`),
    "%description",
    "What this machine has.",
    "%files",
    "",
  ].join("\n");
  writeFileSync(join(build, "system.spec"), specification);
  await $`rpmbuild -bb --define ${`_topdir ${build}`} --target x86_64 ${join(build, "system.spec")}`.quiet();
  await $`rpm --root ${root} --install --nosignature --nodeps --justdb ${join(build, "RPMS/x86_64/system-1-1.x86_64.rpm")}`.quiet();
  rmSync(build, { recursive: true });
}

function numbered(stem: string, last: number): string[] {
  return [stem, ...Array.from({ length: last }, (_, at) => `${stem}.${at + 1}`)];
}

/** `libc.so.6(GLIBC_2.28)(64bit)` for each version, and for 2.first to 2.last. */
function symbolVersions(
  library: string,
  name: string,
  versions: readonly string[],
  first: number,
  last: number,
): string[] {
  const minor = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => `2.${first + at}`);
  return ["", ...versions, ...minor].map(
    (version) => `${library}(${version === "" ? "" : `${name}_${version}`})(64bit)`,
  );
}
