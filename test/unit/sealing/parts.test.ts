import { expect, test } from "vitest";
import { concatBytes, SeededRandom } from "../../../src/foundation/index.ts";
import { compressions, content, newSealer, parametersOf, wrappings } from "./sealers.ts";

test("what is sealed part by part opens as a whole, whatever is sealed between two parts", () => {
  const random = new SeededRandom(9);
  const plain = concatBytes([content(3 << 20), content((1 << 20) + 77, "noise"), content(5 << 20)]);
  for (const compression of compressions) {
    for (const wrapping of wrappings) {
      const parameters = parametersOf(compression, wrapping);
      const sealer = newSealer(parameters);
      const parts: Uint8Array[] = [];
      for (let at = 0; at < plain.length; ) {
        const part = plain.subarray(at, at + 4096 + random.below(1 << 20));
        parts.push(part);
        at += part.length;
      }
      const pieces: Uint8Array[] = [];
      for (const piece of sealer.sealParts(parts, plain.length)) {
        pieces.push(piece.slice());
        sealer.seal(content(1000));
      }
      const sealed = concatBytes(pieces);
      expect(sealed.length).toBeLessThanOrEqual(sealer.sealedPartsBound(plain.length));
      const opened = newSealer(parameters).open(sealed, { maxBytes: plain.length, what: "the parts" });
      expect(Buffer.compare(opened, plain)).toBe(0);
    }
  }
});
