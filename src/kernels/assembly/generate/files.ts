import { aesRounds } from "./aes.ts";
import { blake3Compress } from "./blake3.ts";
import { polyvalMultiply } from "./polyval.ts";
import { transposeBytes } from "./transpose.ts";

/** Name in generated/ -> text. */
export function generatedFiles(): Record<string, string> {
  return {
    "aes-rounds.ts": aesRounds(),
    "blake3-compress.ts": blake3Compress(),
    "polyval-multiply.ts": polyvalMultiply(),
    "transpose.ts": transposeBytes(),
  };
}
