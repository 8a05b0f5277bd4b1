/** Attributes by name; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with text or with elements inside, all of it already escaped where it comes from here. */
export function element(name: string, attributes: Attributes = {}, content: readonly string[] | string = ""): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeText(String(value))}"`);
  const inside = typeof content === "string" ? escapeText(content) : content.join("");
  return inside === "" ? `<${name}${written.join("")}/>` : `<${name}${written.join("")}>${inside}</${name}>`;
}

/** XML 1.0 has no way to write most control characters. */
function escapeText(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "?")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

export function unescapeText(text: string): string {
  return text.replaceAll(
    /&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return entities[name ?? ""] ?? whole;
    },
  );
}

/**
 * The texts of every element of a name, whose kind never contains itself. Enough for metadata under a signature that was
 * checked before; comments and CDATA do not occur in it.
 */
export function elementsOf(xml: string, name: string): string[] {
  return xml.match(new RegExp(`<${name}(?:\\s[^>]*?)?(?:/>|>[\\s\\S]*?</${name}>)`, "g")) ?? [];
}

/** The text of the first element of a name; throws an Error if there is none. */
export function textOf(xml: string, name: string): string {
  const text = new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`).exec(xml)?.[1];
  if (text === undefined) throw new Error(`there is no <${name}>`);
  return unescapeText(text);
}

/** An attribute of the first element of a name; throws an Error if there is none. */
export function attributeOf(xml: string, name: string, attribute: string): string {
  const value = new RegExp(`<${name}\\s(?:[^>]*\\s)?${attribute}="([^"]*)"`).exec(xml)?.[1];
  if (value === undefined) throw new Error(`there is no <${name} ${attribute}>`);
  return unescapeText(value);
}
