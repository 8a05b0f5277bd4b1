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

const sizeForm = /^(\d+(?:\.\d+)?)\s*(?:([kmgtpe])(i?)b?|b)?$/i;

/** `512`, `10M`, `1.5 GiB`, `2GB`: bytes, or undefined. A plain letter and `iB` are powers of 1024, `B` after a letter of 1000. */
export function parseSize(text: string): number | undefined {
  const match = sizeForm.exec(text.trim());
  if (!match) return undefined;
  const power = match[2] ? "kmgtpe".indexOf(match[2].toLowerCase()) + 1 : 0;
  const decimal = power > 0 && !match[3] && /b$/i.test(text.trim());
  return Math.round(Number(match[1]) * (decimal ? 1000 : 1024) ** power);
}
