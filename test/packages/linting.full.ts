import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makePackages, missing } from "./support/made.ts";

test("lintian finds no error and no warning in the Debian package", (context) => {
  const lacking = missing("lintian", "dpkg-deb", "python3", "xz");
  context.skip(lacking.length > 0, `needs ${lacking.join(", ")}, which this machine has not`);
  const folder = mkdtempSync(join(tmpdir(), "plakar-lintian-"));
  try {
    const [deb = ""] = makePackages({ version: "0.0.9", only: ["deb"], to: folder, whole: true });
    const words = ["--allow-root", "--fail-on", "error,warning", deb];
    const { status, stdout } = spawnSync("lintian", words, { encoding: "utf8" });
    expect({ status, stdout }).toStrictEqual({ status: 0, stdout: "" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
