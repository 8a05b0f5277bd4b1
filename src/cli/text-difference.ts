import { createTwoFilesPatch } from "diff";

/** Above this nobody reads a difference, and comparing lines takes long. */
const MAX_BYTES = 8 << 20;
/** Lines that may differ before the comparison is given up. */
const MAX_EDITS = 20_000;
const CONTEXT_LINES = 3;
/** Text is looked for here, as git and diff do. */
const PROBED_BYTES = 8000;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Reads up to `MAX_BYTES`; undefined when there is more, which is still read and verified to its end. */
async function readBounded(content: AsyncIterable<Uint8Array>): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of content) {
    total += part.length;
    if (total <= MAX_BYTES) parts.push(part);
  }
  return total <= MAX_BYTES ? Buffer.concat(parts) : undefined;
}

/** UTF-8 text without NUL; undefined for anything else. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.subarray(0, PROBED_BYTES).includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The unified difference (POSIX diff -u) of two texts; undefined when one is none, or they are too large or too different. */
export async function unifiedDifference(
  before: { readonly name: string; readonly content: AsyncIterable<Uint8Array> },
  after: { readonly name: string; readonly content: AsyncIterable<Uint8Array> },
): Promise<string | undefined> {
  const [a, b] = [await readBounded(before.content), await readBounded(after.content)];
  const [left, right] = [a && textOf(a), b && textOf(b)];
  if (left === undefined || right === undefined) return undefined;
  const patch = createTwoFilesPatch(before.name, after.name, left, right, undefined, undefined, {
    context: CONTEXT_LINES,
    maxEditLength: MAX_EDITS,
  });
  // its first line is a rule that no diff prints
  return patch
    ?.replace(/^=+\n/, "")
    .replace(/^(---|\+\+\+) (.*?)\t*$/gm, "$1 $2")
    .replace(/\n$/, "");
}
