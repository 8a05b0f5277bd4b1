import { statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeObject, ResourceType } from "../../../src/format/index.ts";
import { fromText, SeededRandom } from "../../../src/foundation/index.ts";
import { LARGE_FILE_BYTES, LargeFiles } from "../../../src/pipeline/large-file.ts";
import { newKernels, newSealer, parametersOf } from "../sealing/sealers.ts";
import { temporaryDirectories } from "../system/temporary.ts";

const temporary = temporaryDirectories();
const chunking = { algorithm: "fastcdc-v1.0.0", minBytes: 512 << 10, normalBytes: 1 << 20, maxBytes: 8 << 20 } as const;

test("a large file is given away chunk by chunk, with the MAC of the whole", async () => {
  const path = `${temporary()}/large`;
  const content = new SeededRandom(7).bytes(LARGE_FILE_BYTES + 12_345);
  content.fill(0, 3 << 20, 20 << 20); // chunks of the largest size
  writeFileSync(path, content);
  const parameters = parametersOf("LZ4", "AES256-KW");
  const sealer = newSealer(parameters, newKernels());
  const given: { readonly type: ResourceType; readonly bytes: Uint8Array }[] = [];
  const files = new LargeFiles({
    chunking,
    sealing: parameters,
    store: async (type, bytes) => {
      given.push({ type, bytes });
      return { stored: Promise.resolve({ mac: sealer.mac(bytes), entropy: 3 }) };
    },
  });
  const modifiedNs = statSync(path, { bigint: true }).mtimeNs;
  const stored = await files.store({ path: fromText(path), sizeBytes: content.length, modifiedNs });
  expect(stored).toMatchObject({ sizeBytes: content.length, modifiedNs, changed: false, chunks: given.length - 1 });
  const object = given.pop();
  expect(given.length).toBeGreaterThan(5);
  expect(given.every(({ type }) => type === ResourceType.chunk)).toBe(true);
  expect(Buffer.concat(given.map(({ bytes }) => bytes)).equals(content)).toBe(true);
  const decoded = decodeObject(object?.bytes ?? new Uint8Array());
  expect(Buffer.from(decoded.contentMac).equals(Buffer.from(sealer.mac(content)))).toBe(true);
  expect(decoded.chunks.map(({ length }) => length)).toEqual(given.map(({ bytes }) => bytes.length));
});
