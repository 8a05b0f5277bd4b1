import type { ByteString } from "../../foundation/index.ts";

const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/** One step of a pattern. */
type Token =
  | { readonly kind: "byte"; readonly byte: number }
  | { readonly kind: "class"; readonly members: Uint8Array }
  /** Any run of bytes without a slash, perhaps none. */
  | { readonly kind: "star" }
  /** The next token, which is `directories`, or nothing. */
  | { readonly kind: "perhaps" }
  /** Any run of bytes that ends with a slash: whole directories. */
  | { readonly kind: "directories" }
  /** Any run of bytes at all. */
  | { readonly kind: "everything" };

/**
 * A shell pattern over the bytes of a path, as gitignore(5) has it: `*` and `?` stop at slashes, `**` between slashes does
 * not, `[…]` with ranges, negation and POSIX classes, backslash escapes. A pattern that is malformed matches nothing.
 * Matching takes at most pattern times path steps, whatever the pattern: all its states are followed at once (Thompson,
 * CACM 11(6), 1968).
 */
export class Glob {
  readonly #tokens: readonly Token[] | undefined;
  readonly #literal: string | undefined;
  readonly #suffix: string | undefined;

  constructor(pattern: ByteString) {
    this.#tokens = parse(pattern);
    this.#literal = literalOf(this.#tokens ?? []);
    const [first, ...rest] = this.#tokens ?? [];
    this.#suffix = first?.kind === "star" ? literalOf(rest) : undefined;
  }

  matches(path: ByteString): boolean {
    if (!this.#tokens) return false;
    if (this.#literal !== undefined) return path === this.#literal;
    if (this.#suffix !== undefined && !path.includes("/")) return path.endsWith(this.#suffix);
    return run(this.#tokens, path);
  }
}

function literalOf(tokens: readonly Token[]): string | undefined {
  let text = "";
  for (const token of tokens) {
    if (token.kind !== "byte") return undefined;
    text += String.fromCharCode(token.byte);
  }
  return text;
}

/** Follows every way through the pattern at once: `now[i]` says whether the first i tokens can have matched so far. */
function run(tokens: readonly Token[], path: string): boolean {
  let now = new Uint8Array(tokens.length + 1);
  let next = new Uint8Array(tokens.length + 1);
  now[0] = 1;
  skipEmpty(tokens, now);
  for (let at = 0; at < path.length; at++) {
    const byte = path.charCodeAt(at);
    next.fill(0);
    for (const [index, token] of tokens.entries()) if (now[index] === 1) step(token, index, byte, next);
    skipEmpty(tokens, next);
    [now, next] = [next, now];
  }
  return now[tokens.length] === 1;
}

function step(token: Token, index: number, byte: number, next: Uint8Array): void {
  switch (token.kind) {
    case "byte":
      if (byte === token.byte) next[index + 1] = 1;
      return;
    case "class":
      if (token.members[byte] === 1) next[index + 1] = 1;
      return;
    case "star":
      if (byte !== SLASH) next[index] = 1;
      return;
    case "perhaps":
      return;
    case "directories":
      if (byte === SLASH) next[index + 1] = 1;
      next[index] = 1;
      return;
    case "everything":
      next[index] = 1;
  }
}

/** Goes past what may match nothing. */
function skipEmpty(tokens: readonly Token[], states: Uint8Array): void {
  for (const [index, { kind }] of tokens.entries()) {
    if (states[index] !== 1) continue;
    if (kind === "star" || kind === "everything" || kind === "perhaps") states[index + 1] = 1;
    if (kind === "perhaps") states[index + 2] = 1;
  }
}

/** The steps of a pattern, or undefined when it is malformed. */
function parse(pattern: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; ) {
    const character = pattern[at];
    if (character === "*") at = parseStars(pattern, at, tokens);
    else if (character === "?") {
      tokens.push({ kind: "class", members: anyButSlash });
      at++;
    } else if (character === "[") {
      const parsed = parseClass(pattern, at);
      if (!parsed) return undefined;
      tokens.push({ kind: "class", members: parsed.members });
      at = parsed.end;
    } else {
      if (character === "\\" && ++at >= pattern.length) return undefined;
      tokens.push({ kind: "byte", byte: pattern.charCodeAt(at++) });
    }
  }
  return tokens;
}

/** Takes the asterisks at `at`; answers where the pattern goes on. */
function parseStars(pattern: string, at: number, tokens: Token[]): number {
  let end = at;
  while (pattern[end] === "*") end++;
  const before = at === 0 || pattern[at - 1] === "/" || isLiteral(tokens);
  if (end - at >= 2 && before && end === pattern.length) tokens.push({ kind: "everything" });
  else if (end - at >= 2 && before && pattern[end] === "/") {
    tokens.push({ kind: "perhaps" }, { kind: "directories" });
    return end + 1;
  } else tokens.push({ kind: "star" });
  return end;
}

/** git looks at a literal beginning on its own, and then takes what follows for the beginning of a pattern. */
function isLiteral(tokens: readonly Token[]): boolean {
  return tokens.every(({ kind }) => kind === "byte");
}

const anyButSlash = new Uint8Array(256).fill(1);
anyButSlash[SLASH] = 0;

type InClass = (byte: number) => boolean;
const between =
  (low: number, high: number): InClass =>
  (byte) =>
    byte >= low && byte <= high;
const isDigit = between(0x30, 0x39);
const isUpper = between(0x41, 0x5a);
const isLower = between(0x61, 0x7a);
const isAlpha: InClass = (byte) => isUpper(byte) || isLower(byte);
const isAlnum: InClass = (byte) => isAlpha(byte) || isDigit(byte);
const isGraph = between(0x21, 0x7e);

/** As the C locale has them. */
const posixClasses: Readonly<Record<string, InClass>> = {
  alnum: isAlnum,
  alpha: isAlpha,
  blank: (byte) => byte === 0x20 || byte === 0x09,
  cntrl: (byte) => byte < 0x20 || byte === 0x7f,
  digit: isDigit,
  graph: isGraph,
  lower: isLower,
  print: between(0x20, 0x7e),
  punct: (byte) => isGraph(byte) && !isAlnum(byte),
  space: (byte) => byte === 0x20 || between(0x09, 0x0d)(byte),
  upper: isUpper,
  xdigit: (byte) => isDigit(byte) || between(0x41, 0x46)(byte) || between(0x61, 0x66)(byte),
};

/** The class that begins at `[`, and where the pattern goes on; undefined when it has no end, or names no class. */
function parseClass(pattern: string, start: number): { members: Uint8Array; end: number } | undefined {
  const members = new Uint8Array(256);
  let at = start + 1;
  const negated = pattern[at] === "!" || pattern[at] === "^";
  if (negated) at++;
  let previous = -1; // the byte before a possible range
  for (let first = true; first || pattern[at] !== "]"; first = false) {
    if (at >= pattern.length) return undefined;
    const posix = /^\[:([^\]]*):\]/.exec(pattern.slice(at, at + 16));
    if (posix) {
      const inClass = posixClasses[posix[1] as string];
      if (!inClass) return undefined;
      for (let byte = 0; byte < 256; byte++) if (inClass(byte)) members[byte] = 1;
      at += posix[0].length;
      previous = -1;
      continue;
    }
    const isRange = pattern[at] === "-" && previous >= 0 && at + 1 < pattern.length && pattern[at + 1] !== "]";
    if (isRange) at++;
    if (pattern.charCodeAt(at) === BACKSLASH && ++at >= pattern.length) return undefined;
    const byte = pattern.charCodeAt(at++);
    for (let each = isRange ? previous : byte; each <= byte; each++) members[each] = 1;
    previous = isRange ? -1 : byte;
  }
  if (negated) for (let byte = 0; byte < 256; byte++) members[byte] = members[byte] === 1 ? 0 : 1;
  members[SLASH] = 0;
  return { members, end: at + 1 };
}
