import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findNfpm } from "../../../packaging/nfpm-wrapper/index.ts";
import { apk, apt, type PackageFile, type RepositoryKind, yum } from "../../../packaging/repositories/index.ts";
import type { TestKeys } from "./test-keys.ts";

export const kinds: readonly RepositoryKind[] = [apt("Plakar"), yum(), apk("Plakar")];

const formats = { apt: "deb", yum: "rpm", apk: "apk" } as const;

export interface SmallPackage {
  readonly version: string;
  readonly architecture?: "amd64" | "arm64" | "all";
  readonly name?: string;
  /** Something else inside, under the same version. */
  readonly variant?: string;
  /** Further settings of nfpm's. */
  readonly settings?: object;
}

/**
 * Packages of every kind whose whole content is a script that prints its version, and a file of settings. Written by the
 * real nfpm; the rpm is signed as dnf demands.
 */
export function makeSmallPackages(
  folder: string,
  packages: readonly SmallPackage[],
  keys: TestKeys | undefined,
  of: readonly RepositoryKind[] = kinds,
): PackageFile[] {
  const nfpm = findNfpm(".cache");
  return packages.flatMap((small) => of.map((kind) => makeOne({ nfpm, folder, keys }, small, kind)));
}

interface Workshop {
  readonly nfpm: string;
  readonly folder: string;
  /** Sign the rpm; without them it is not signed. */
  readonly keys: TestKeys | undefined;
}

function makeOne({ nfpm, folder: parent, keys }: Workshop, small: SmallPackage, kind: RepositoryKind): PackageFile {
  const { name = "small", version, architecture = "amd64", variant = "" } = small;
  const folder = join(parent, `${name}-${version}-${architecture}${variant}-${kind.name}`);
  mkdirSync(folder, { recursive: true });
  const write = (file: string, content: string): string => {
    writeFileSync(join(folder, file), content);
    return join(folder, file);
  };
  const description = {
    ...describe(small, kind),
    contents: [
      {
        src: write(name, `#!/bin/sh\necho ${version}${variant}\n`),
        dst: `/usr/bin/${name}`,
        file_info: fileInfo(0o755),
      },
      { src: write("conf", "colour=grey\n"), dst: `/etc/${name}.conf`, type: "config", file_info: fileInfo(0o644) },
    ],
    rpm: {
      buildhost: "localhost",
      ...(keys !== undefined && { signature: { key_file: write("key.asc", keys.openPgpPrivate) } }),
    },
  };
  const configuration = write("nfpm.json", JSON.stringify(description));
  const target = join(folder, `${name}_${version}_${architecture}${kind.extension}`);
  const command = ["package", "--config", configuration, "--packager", formats[kind.name], "--target", target];
  execFileSync(nfpm, command, { stdio: ["ignore", "ignore", "inherit"] });
  return kind.readPackage(target, readFileSync(target));
}

function describe(
  { name = "small", version, architecture = "amd64", settings }: SmallPackage,
  kind: RepositoryKind,
): object {
  return {
    name,
    version,
    release: kind.name === "apk" ? "r0" : "1",
    arch: architecture,
    maintainer: "Nobody <nobody@example.org>",
    description: "prints its version",
    license: "ISC",
    section: "admin",
    mtime: packageTime,
    ...settings,
  };
}

const packageTime = "2026-01-01T00:00:00Z";

function fileInfo(mode: number): object {
  return { mode, mtime: packageTime, owner: "root", group: "root" };
}
