import type { ReadSubset } from "../operations/index.ts";
import { usageError } from "./parse.ts";

const percentForm = /^(\d+(?:\.\d+)?)%$/;
const partForm = /^(\d+)\/(\d+)$/;
const sizeForm = /^(\d+(?:\.\d+)?)([KMGT])(?:i?B)?$/i;
const UNITS = "KMGT";

/** `5%`, `2/7` or `500M` (1024 each, as sizes are shown). Fails with a usage error. */
export function parseReadSubset(text: string): ReadSubset {
  const [, percent] = percentForm.exec(text) ?? [];
  if (percent !== undefined && Number(percent) > 0 && Number(percent) <= 100)
    return { kind: "share", share: Number(percent) / 100 };
  const [, part, parts] = partForm.exec(text) ?? [];
  if (Number(part) >= 1 && Number(part) <= Number(parts))
    return { kind: "part", part: Number(part), parts: Number(parts) };
  const [, size, unit = ""] = sizeForm.exec(text) ?? [];
  if (Number(size) > 0) return { kind: "size", bytes: Number(size) * 1024 ** (UNITS.indexOf(unit.toUpperCase()) + 1) };
  throw usageError(
    `-read-data-subset wants a share (5%), a part (2/7) or a size (500M), not "${text}"`,
    "See: plakar help check",
  );
}
