import { expect, test } from "vitest";
import { asset } from "../../../src/foundation/index.ts";
import { wrongKernels } from "./comparison.ts";

/** The module with every occurrence of a byte sequence replaced by one of the same length. */
function patched(from: string, to: string): WebAssembly.Module {
  const bytes = Buffer.from(asset("kernels.wasm"));
  const [before, after] = [Buffer.from(from, "hex"), Buffer.from(to, "hex")];
  let count = 0;
  for (let at = bytes.indexOf(before); at >= 0; at = bytes.indexOf(before, at + 1), count++) after.copy(bytes, at);
  expect(count, "the constant is in the module").toBeGreaterThan(0);
  return new WebAssembly.Module(new Uint8Array(bytes));
}

test("the comparison finds nothing wrong with the kernels as they are", () => {
  expect(wrongKernels(new WebAssembly.Module(asset("kernels.wasm")))).toStrictEqual([]);
});

// what is patched: constants as they lie in the data, or as instructions push them (opcode 41 or 42 and a signed LEB128)
test.each([
  ["a gear constant", "52fdfc072182654d", "0000000000000000", ["gear"]],
  ["the initial value of unkeyed BLAKE3", "7f520e518c68059b", "7f520e518c68059c", ["hash"]],
  ["the initial value in BLAKE3's rounds", "67e6096a85ae67bb72f36e3c", "67e6096a85ae67bb72f36e3d", ["hash", "mac"]],
  ["a prime of xxHash32", "41b1f3ddf179", "41b2f3ddf179", ["lz4", "xxh32"]],
  ["the magic number of LZ4", "4184c4b4c201", "4185c4b4c201", ["lz4"]],
  ["a table of the AES S-box", "00649912e50a8bef", "00649912e50a8bee", ["siv"]],
  ["a mask of POLYVAL", "4291a2c48891a2c48811", "4291a2c48891a2c48812", ["siv"]],
])("the comparison finds a change of %s", (_, from, to, wrong) => {
  expect(wrongKernels(patched(from, to)).toSorted()).toStrictEqual(wrong);
});
