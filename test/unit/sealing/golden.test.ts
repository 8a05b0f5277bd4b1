import { beforeAll, describe, expect, it } from "vitest";
import {
  decodeConfiguration,
  decodePackFooter,
  decodePackIndex,
  ResourceType,
  STATE_VERSION,
  type StoreConfiguration,
  unwrap,
  unwrapUnchecked,
  V1_0_0,
} from "../../../src/format/index.ts";
import { equalBytes, SeededRandom, toHex, viewOf } from "../../../src/foundation/index.ts";
import { checkCanary, configurationMac, deriveSecret, Sealer, sealingParameters } from "../../../src/sealing/index.ts";
import { archivedFiles, goldenPassphrase } from "../../support/golden-archive.ts";
import { newKernels } from "./sealers.ts";

const kernels = newKernels(32 << 20);
const expectConfig = { type: ResourceType.config, maxVersion: V1_0_0, what: "CONFIG" };
const maxBytes = 64 << 20;

describe.each(["plain", "sha256", "encrypted", "uncompressed"])("the Go implementation's store %s", (name) => {
  let files: Map<string, Uint8Array>;
  let configuration: StoreConfiguration;
  let secret: Uint8Array | null = null;
  let sealer: Sealer;

  beforeAll(async () => {
    files = archivedFiles(name);
    configuration = decodeConfiguration(unwrapUnchecked(config()).body);
    if (configuration.encryption)
      secret = await deriveSecret(configuration.encryption.kdf, Buffer.from(goldenPassphrase));
    sealer = new Sealer(sealingParameters(configuration, secret, kernels), kernels, new SeededRandom(1));
  });

  const config = (): Uint8Array => files.get("CONFIG") as Uint8Array;
  const below = (folder: string): [string, Uint8Array][] =>
    [...files].filter(([path]) => path.startsWith(`${folder}/`));

  it("has a CONFIG whose MAC is ours, and no other", () => {
    expect(() => unwrap(config(), expectConfig, configurationMac(secret, kernels))).not.toThrow();
    expect(() => unwrap(config(), expectConfig, configurationMac(new Uint8Array(32), kernels))).toThrow("damaged");
  });

  it("has packfiles of which every blob opens and has its MAC", () => {
    const types = new Set<number>();
    const wrong: string[] = [];
    for (const [path, bytes] of below("packfiles")) {
      const { body } = unwrap(bytes, { type: ResourceType.packfile, maxVersion: V1_0_0, what: path }, (b) =>
        sealer.mac(b),
      );
      expect(path.endsWith(toHex(sealer.mac(body)))).toBe(true);
      const footerStart = body.length - 4 - viewOf(body).getUint32(body.length - 4, true);
      const footer = decodePackFooter(
        sealer.open(body.subarray(footerStart, body.length - 4), { maxBytes, what: "footer" }),
      );
      const index = sealer.open(body.subarray(footer.indexOffset, footerStart), { maxBytes, what: "index" });
      expect(toHex(sealer.mac(index))).toBe(toHex(footer.indexMac));
      for (const { type, mac, offset, length } of decodePackIndex(index)) {
        if (type === ResourceType.padding) continue;
        const content = sealer.open(body.subarray(offset, offset + length), { maxBytes, what: "blob" });
        types.add(type);
        // headers bear the snapshot's id
        if (type !== ResourceType.snapshot && !equalBytes(sealer.mac(content), mac)) wrong.push(toHex(mac));
      }
    }
    expect(wrong).toEqual([]);
    expect(types.size).toBeGreaterThan(6);
  });

  it("has states and locks that open", () => {
    for (const [path, bytes] of below("states")) {
      const { body } = unwrap(bytes, { type: ResourceType.state, maxVersion: STATE_VERSION, what: path }, (b) =>
        sealer.mac(b),
      );
      expect(sealer.open(body, { maxBytes, what: path }).length).toBeGreaterThan(29);
    }
    for (const [path, bytes] of below("locks")) {
      const { body } = unwrap(bytes, { type: ResourceType.lock, maxVersion: V1_0_0, what: path }, (b) => sealer.mac(b));
      expect(sealer.open(body, { maxBytes, what: path }).length).toBeGreaterThan(20);
    }
    expect(below("states").length).toBeGreaterThan(0);
  });
});

describe("the canary that the Go implementation wrote", () => {
  it("tells the passphrase from others", async () => {
    const { body } = unwrapUnchecked(archivedFiles("uncompressed").get("CONFIG") as Uint8Array);
    const configuration = decodeConfiguration(body);
    const { kdf } = configuration.encryption as NonNullable<StoreConfiguration["encryption"]>;
    const almost = Buffer.from("correct horse battery staple 43");
    expect(checkCanary(configuration, await deriveSecret(kdf, Buffer.from(goldenPassphrase)), kernels)).toBe(true);
    expect(checkCanary(configuration, await deriveSecret(kdf, almost), kernels)).toBe(false);
  });
});
