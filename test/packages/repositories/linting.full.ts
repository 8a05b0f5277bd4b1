import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKeyrings } from "../../../packaging/make-keyring.ts";
import { findNfpm } from "../../../packaging/nfpm-wrapper/index.ts";
import { missingPrograms } from "../../support/repositories/client.ts";
import { kinds } from "../../support/repositories/small-packages.ts";
import { makeTestKeys } from "../../support/repositories/test-keys.ts";

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-keyring-linting-"));
  const { signing } = await makeTestKeys(1_790_000_000);
  const options = { kinds, nfpm: findNfpm(".cache"), parts: join(folder, "parts") };
  for (const { kind, content } of await makeKeyrings(signing, options)) writeFileSync(join(folder, kind), content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the keyring package has nothing that is called an error", () => {
  test.for([
    ["lintian", "apt", "deb", ["--allow-root", "--fail-on", "error"]],
    ["rpmlint", "yum", "rpm", ["--config", "packaging/rpm/rpmlint.toml"]],
  ] as const)("by %s", ([program, kind, extension, options], context) => {
    const missing = missingPrograms(program);
    context.skip(missing !== undefined, missing);
    const file = join(folder, `keyring.${extension}`);
    spawnSync("cp", [join(folder, kind), file]);
    const { status, stdout, stderr } = spawnSync(program, [...options, file], { encoding: "utf8" });
    expect({ status, output: stdout + stderr }).toMatchObject({ status: 0 });
  });
});
