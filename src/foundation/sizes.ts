const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;

/** `840 B`, `2.7 MiB`, `27 MiB`: one decimal below 10, none from there and for bytes. */
export function formatSize(bytes: number | bigint): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const rounded = unit > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0);
  if (rounded === "1024" && unit < units.length - 1) return `1.0 ${units[unit + 1]}`;
  return `${rounded} ${units[unit]}`;
}

const sizeForm = /^(\d+(?:\.\d+)?)([KMGTP]?)(?:i?B)?$/i;

/** Bytes of `500`, `500K`, `1.5MiB`, `2G`: letters are powers of 1024; undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const [, number, letter = ""] = sizeForm.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  const bytes = Math.round(Number(number) * 1024 ** (letter === "" ? 0 : "KMGTP".indexOf(letter.toUpperCase()) + 1));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
