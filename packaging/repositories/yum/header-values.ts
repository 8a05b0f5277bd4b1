import type { HeaderValues } from "./rpm-header.ts";

/** The texts of a tag; none if the header has not got it. */
export function textsOf(header: HeaderValues, tag: number): readonly string[] {
  const value = header.get(tag) ?? [];
  if (value instanceof Uint8Array || typeof value[0] === "number") throw new Error(`tag ${tag} is not text`);
  return value as readonly string[];
}

export function numbersOf(header: HeaderValues, tag: number): readonly number[] {
  const value = header.get(tag) ?? [];
  if (value instanceof Uint8Array || typeof value[0] === "string") throw new Error(`tag ${tag} is not a number`);
  return value as readonly number[];
}

/** The first text of a tag, which is the untranslated one. */
export function textOf(header: HeaderValues, tag: number): string {
  return textsOf(header, tag)[0] ?? "";
}

export function numberOf(header: HeaderValues, tag: number): number {
  return numbersOf(header, tag)[0] ?? 0;
}

export function requiredText(header: HeaderValues, tag: number): string {
  const text = textOf(header, tag);
  if (text === "") throw new Error(`the rpm header has no tag ${tag}`);
  return text;
}
