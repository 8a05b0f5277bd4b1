import { describe, expect, it } from "vitest";
import {
  asMac,
  decodeHeader,
  decodeSummary,
  encodeHeader,
  encodeSummary,
  nilList,
  type SnapshotHeader,
  V1_0_0,
  zeroMac,
} from "../../../src/format/index.ts";
import type { ByteString } from "../../../src/foundation/index.ts";
import { hex } from "./samples.ts";
import { f64, i64, mac, type Spelled, s, spell, u32, u64 } from "./spell.ts";

const header: SnapshotHeader = {
  version: V1_0_0,
  identifier: asMac(Buffer.alloc(32, 1)),
  timestampNs: 1_767_323_045_000_000_000n,
  durationNs: 5n,
  identity: { identifier: new Uint8Array(16).fill(7), publicKey: new Uint8Array(32).fill(8) },
  name: "n",
  category: "",
  environment: "",
  perimeter: "",
  job: "",
  replicas: 1,
  dataset: "d",
  dataClasses: ["pii"],
  classifications: [{ analyzer: "a", classes: [{ name: "c", probability: 0.5 }] }],
  tags: ["t"],
  context: [{ key: "k", value: "v" }],
  sources: [
    {
      importer: { type: "fs", origin: "host", directory: "/x" as ByteString },
      context: [],
      root: { root: zeroMac, xattrs: zeroMac, errors: zeroMac },
      indexes: [{ name: "dirpack", type: "btree", value: zeroMac }],
      summary: { directory: {}, below: { files: 2, errors: 0 } },
    },
  ],
};

const start: Spelled = [
  [s("version"), u32(0x10000), s("identifier"), mac(1), s("timestamp"), 0xd6, 0xff, 0x69, 0x57, 0x35, 0xa5],
  [s("duration"), i64(5n), s("identity"), 0x82, s("identifier"), 0xc4, 16, Buffer.alloc(16, 7)],
  [s("public_key"), mac(8), s("name"), s("n"), s("category"), s(""), s("environment"), s("")],
  [s("perimeter"), s(""), s("job"), s(""), s("replicas"), u32(1)],
];
const dataset: Spelled = [s("dataset"), s("d"), s("data_classes"), 0x91, s("pii")];
const classes: Spelled = [0x91, 0x82, s("name"), s("c"), s("probability"), f64(0.5)];
const source: Spelled = [
  [0x85, s("importer"), 0x83, s("type"), s("fs"), s("origin"), s("host"), s("directory"), s("/x"), s("context"), 0x90],
  [s("root"), 0x83, s("root"), mac(0), s("xattrs"), mac(0), s("errors"), mac(0)],
  [s("indexes"), 0x91, 0x83, s("name"), s("dirpack"), s("type"), s("btree"), s("value"), mac(0)],
  [s("summary"), 0x81, s("below"), 0x82, s("files"), u64(2n), s("errors"), u64(0n)],
];
const end: Spelled = [
  [s("classifications"), 0x91, 0x82, s("analyzer"), s("a"), s("classes"), classes, s("tags"), 0x91, s("t")],
  [s("context"), 0x91, 0x82, s("key"), s("k"), s("value"), s("v"), s("sources"), 0x91, source],
];

describe("a snapshot's header", () => {
  it("with everything in it, byte for byte", () => {
    const bytes = spell(0xde, 0, 17, start, dataset, end);
    expect(hex(encodeHeader(header))).toBe(hex(bytes));
    expect(decodeHeader(bytes)).toStrictEqual({ ...header, lacksDataset: false });
  });

  it("of before there were datasets is encoded without them", () => {
    const bytes = spell(0x8f, start, end);
    expect(decodeHeader(bytes).lacksDataset).toBe(true);
    expect(hex(encodeHeader(decodeHeader(bytes)))).toBe(hex(bytes));
  });

  it("keeps nil lists apart from empty ones, at any depth: its signature covers the difference", () => {
    const nils: SnapshotHeader = {
      ...header,
      dataClasses: null,
      classifications: [{ analyzer: "a", classes: nilList }],
      tags: null,
      context: null,
      sources: header.sources.map((each) => ({ ...each, context: null, indexes: nilList })),
    };
    const bytes = encodeHeader(nils);
    expect(hex(encodeHeader(decodeHeader(bytes)))).toBe(hex(bytes));
    expect(hex(bytes)).toContain(hex(spell(s("indexes"), 0xc0)));
    const empty = encodeHeader({ ...header, sources: [] });
    expect(hex(encodeHeader(decodeHeader(empty)))).toBe(hex(empty));
    const none = encodeHeader({ ...header, sources: nilList });
    expect(hex(encodeHeader(decodeHeader(none)))).toBe(hex(none));
    expect(hex(none)).not.toBe(hex(empty));
  });

  it("I-09 notes keys that are not known, at any depth", () => {
    const known = spell(0x82, s("identity"), 0x81, s("realm"), 1, s("future"), 0x80);
    expect(decodeHeader(known).unknownKeys).toStrictEqual(["realm", "future"]);
    expect(decodeHeader(spell(0x80)).unknownKeys).toBeUndefined();
  });

  it("I-09 of a newer version is not interpreted", () => {
    const newer = encodeHeader({ ...header, version: 0x20000 });
    expect(() => decodeHeader(newer)).toThrow(expect.objectContaining({ kind: "newer" }));
  });

  it("cannot ask for more sources than its bytes hold", () => {
    const bytes = spell(0x81, s("sources"), 0xdc, 0xff, 0xff, Buffer.alloc(70_000, 0xc0));
    expect(() => decodeHeader(bytes)).toThrow(expect.objectContaining({ code: "msgpack-damaged" }));
  });
});

describe("a summary", () => {
  it("omits zeros, but not the errors below", () => {
    const bytes = spell(0x81, s("below"), 0x81, s("errors"), u64(0n));
    expect(hex(encodeSummary({ directory: {}, below: {} }))).toBe(hex(bytes));
    expect(hex(encodeSummary({ directory: { files: 0, errors: 0 }, below: { files: 0 } }))).toBe(hex(bytes));
    expect(decodeSummary(bytes)).toStrictEqual({ directory: {}, below: { errors: 0 } });
  });

  it("has its fields in the format's order and widths, whatever the order in memory", () => {
    const counts = { errors: 1, MIME_other: 2, sum_entropy: 0.5, min_mod_time: -1, size: 2 ** 40, directories: 3 };
    const own: Spelled = [
      [0x86, s("directories"), u64(3n), s("size"), u64(2n ** 40n), s("min_mod_time"), i64(-1n)],
      [s("sum_entropy"), f64(0.5), s("MIME_other"), u64(2n), s("errors"), u64(1n)],
    ];
    const bytes = spell(0x82, s("directory"), own, s("below"), 0x81, s("errors"), u64(9n));
    expect(hex(encodeSummary({ directory: counts, below: { errors: 9 } }))).toBe(hex(bytes));
    expect(decodeSummary(bytes)).toStrictEqual({ directory: counts, below: { errors: 9 } });
  });
});
