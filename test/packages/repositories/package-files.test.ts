import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, constantFrom, nat, property } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PackageFile, RepositoryError } from "../../../packaging/repositories/index.ts";
import { missingPrograms } from "../../support/repositories/client.ts";
import { kinds, makeSmallPackages } from "../../support/repositories/small-packages.ts";
import { makeTestKeys } from "../../support/repositories/test-keys.ts";

let folder: string;
let packages: PackageFile[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-package-files-"));
  packages = makeSmallPackages(join(folder, "packages"), [{ version: "0.0.1" }], await makeTestKeys(1_790_000_000));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("packages are known by what is in them, not by the names of their files", () => {
  expect(packages.map(({ kind, name, version, architecture }) => [kind, name, version, architecture])).toStrictEqual([
    ["apt", "small", "0.0.1-1", "amd64"],
    ["yum", "small", "0.0.1-1", "x86_64"],
    ["apk", "small", "0.0.1-r0", "x86_64"],
  ]);
});

describe("a deb", () => {
  test.for(["gzip", "xz", "zstd", "none"])("of dpkg-deb with %s is read", (compression, context) => {
    const missing = missingPrograms("dpkg-deb", "xz");
    context.skip(missing !== undefined, missing);
    const tree = join(folder, compression);
    mkdirSync(join(tree, "DEBIAN"), { recursive: true });
    const control =
      "Package: libx\nVersion: 1:2.0-1\nArchitecture: all\nMaintainer: N <n@example.org>\nDescription: x\n y\n";
    writeFileSync(join(tree, "DEBIAN/control"), control);
    const deb = join(folder, `${compression}.deb`);
    execFileSync("dpkg-deb", ["--build", `-Z${compression}`, tree, deb], { stdio: "ignore" });
    const read = kinds[0]?.readPackage(deb, readFileSync(deb));
    expect(read).toMatchObject({ name: "libx", version: "1:2.0-1", architecture: "all" });
    const section = { kind: "apt", suite: "stable", folder: "apt/dists/stable", architectures: ["amd64"] } as const;
    expect(read?.indexIn(section)?.path).toBe("apt/pool/main/libx/libx/libx_2.0-1_all.deb");
  });
});

describe.each(["apt", "yum", "apk"] as const)("a package of %s that is damaged anywhere", (kind) => {
  const whole = (): PackageFile => packages.find((file) => file.kind === kind) as PackageFile;
  const read = (content: Uint8Array): PackageFile | undefined => {
    try {
      return kinds.find(({ name }) => name === kind)?.readPackage("damaged", content);
    } catch (error) {
      if (error instanceof RepositoryError && error.code === "damaged-package") return undefined;
      throw error;
    }
  };

  test("by another byte is read or refused, and never more than that", () => {
    const { content } = whole();
    assert(
      property(nat(content.length - 1), constantFrom(0, 1, 0x7f, 0x80, 0xff), (at, mask) => {
        const changed = Buffer.from(content);
        changed[at] = mask === 0 ? 0 : (changed[at] ?? 0) ^ mask;
        read(changed);
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  test("by its end is refused", () => {
    const { content } = whole();
    const lengths = Array.from({ length: 40 }, (_, index) => Math.floor((index * content.length) / 40));
    const accepted = [...lengths, content.length - 1].filter(
      (length) => read(content.subarray(0, length)) !== undefined,
    );
    expect(accepted).toStrictEqual([]);
  });
});
