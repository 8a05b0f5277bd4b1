/** Fields by their name in lower case: names of fields are compared without regard to case. */
export type Paragraph = ReadonlyMap<string, string>;

/**
 * The fields of one paragraph (deb822(5)): `Name: value`, continued by lines that begin with a space. Values keep their
 * line breaks. Throws an Error on any other line, and on a field that occurs twice.
 */
export function parseParagraph(text: string): Paragraph {
  const fields = new Map<string, string>();
  let current: string | undefined;
  for (const line of text.replace(/\n+$/, "").split("\n")) {
    if (/^[ \t]/.test(line) && current !== undefined) {
      fields.set(current, `${fields.get(current)}\n${line}`);
      continue;
    }
    const [, name, value = ""] = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line) ?? [];
    current = name?.toLowerCase();
    if (current === undefined || fields.has(current)) throw new Error(`not a field of a control file: ${line}`);
    fields.set(current, value.trimEnd());
  }
  return fields;
}

/** The texts of paragraphs, which empty lines divide. */
export function splitParagraphs(text: string): string[] {
  return text.split(/\n(?:[ \t]*\n)+/).filter((paragraph) => paragraph.trim() !== "");
}

/** A field that must be there. */
export function fieldOf(paragraph: Paragraph, name: string): string {
  const value = paragraph.get(name.toLowerCase());
  if (value === undefined || value === "") throw new Error(`there is no ${name}`);
  return value;
}
