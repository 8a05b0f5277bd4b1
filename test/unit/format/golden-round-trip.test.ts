import { describe, expect, it } from "vitest";
import {
  decodeBtreeNode,
  decodeBtreeRoot,
  decodeConfiguration,
  decodeEntry,
  decodeHeader,
  decodeLock,
  decodeObject,
  decodePackFooter,
  decodePackIndex,
  decodeSummary,
  decodeXattrEntry,
  encodeBtreeNode,
  encodeBtreeRoot,
  encodeConfiguration,
  encodeEntry,
  encodeHeader,
  encodeLock,
  encodeObject,
  encodePackFooter,
  encodePackIndex,
  encodeSummary,
  encodeXattrEntry,
  ResourceType,
  STATE_VERSION,
  unwrap,
  V1_0_0,
  wrap,
} from "../../../src/format/index.ts";
import { type GoldenName, goldenPtars, goldenStores, openGolden } from "../../support/golden-reader.ts";
import { hex, rewriteState } from "./samples.ts";

const root = (content: Uint8Array): Uint8Array => encodeBtreeRoot(decodeBtreeRoot(content));
const node = (content: Uint8Array): Uint8Array => encodeBtreeNode(decodeBtreeNode(content));

/** Decodes and encodes again, by type of blob; chunks have no structure. */
const codecs: Readonly<Record<number, (content: Uint8Array) => Uint8Array>> = {
  [ResourceType.snapshot]: (content) => encodeHeader(decodeHeader(content)),
  [ResourceType.object]: (content) => encodeObject(decodeObject(content)),
  [ResourceType.vfsBtree]: root,
  [ResourceType.vfsNode]: node,
  [ResourceType.vfsEntry]: (content) => encodeEntry(decodeEntry(content)),
  [ResourceType.errorBtree]: root,
  [ResourceType.errorNode]: node,
  [ResourceType.xattrBtree]: root,
  [ResourceType.xattrNode]: node,
  [ResourceType.xattrEntry]: (content) => encodeXattrEntry(decodeXattrEntry(content)),
  [ResourceType.btreeRoot]: root,
  [ResourceType.btreeNode]: node,
  [ResourceType.vfsSummary]: (content) => encodeSummary(decodeSummary(content)),
};

describe.each<GoldenName>([...goldenStores, ...goldenPtars])(
  "the Go implementation's %s, decoded and encoded",
  (name) => {
    const store = openGolden(name);

    it("has the same CONFIG", () => {
      const { raw, body, version } = store.configuration;
      expect(hex(encodeConfiguration(decodeConfiguration(body)))).toBe(hex(body));
      expect(hex(wrap(ResourceType.config, version, body, store.configurationMac))).toBe(hex(raw));
    });

    it("has the same states", () => {
      expect(store.states.length).toBeGreaterThan(0);
      for (const { body, version } of store.states) {
        expect(version).toBe(STATE_VERSION);
        expect(hex(rewriteState(body, version))).toBe(hex(body));
      }
    });

    it("has the same wrappers around states and locks", () => {
      const files = [
        ...store.states.map((file) => ({ ...file, type: ResourceType.state })),
        ...store.locks.map((file) => ({ ...file, type: ResourceType.lock })),
      ];
      for (const { type, raw, version } of files) {
        const { body } = unwrap(raw, { type, maxVersion: version, what: "a file" }, store.mac);
        expect(hex(wrap(type, version, body, store.mac))).toBe(hex(raw));
      }
    });

    it("has the same locks", () => {
      for (const { body } of store.locks) {
        const lock = decodeLock(body);
        expect(lock).toMatchObject({ version: V1_0_0, hostname: "golden", exclusive: false });
        expect(hex(encodeLock(lock))).toBe(hex(body));
      }
    });

    it("has the same indexes and footers of packfiles", () => {
      for (const { index, footer } of store.packs) {
        const records = decodePackIndex(index);
        expect(hex(encodePackIndex(records))).toBe(hex(index));
        const decoded = decodePackFooter(footer);
        expect(hex(encodePackFooter(decoded))).toBe(hex(footer));
        expect(decoded.count).toBe(records.length);
        expect(hex(decoded.indexMac)).toBe(hex(store.mac(index)));
      }
    });

    it("I-08 has the same blobs, and they the same MACs", () => {
      const seen = new Set<number>();
      for (const { type, id, content } of store.blobs) {
        const codec = codecs[type];
        if (!codec) continue;
        const encoded = codec(content);
        expect(hex(encoded)).toBe(hex(content));
        // a header bears the snapshot's id
        if (type !== ResourceType.snapshot) expect(hex(store.mac(encoded))).toBe(id);
        seen.add(type);
      }
      // no store has an error record; a ptar has no attribute
      const wanted = Object.keys(codecs).map(Number);
      const absent = name.endsWith(".ptar") ? [ResourceType.xattrEntry] : [];
      expect([...seen].toSorted((a, b) => a - b)).toStrictEqual(wanted.filter((type) => !absent.includes(type as 18)));
    });
  },
);
