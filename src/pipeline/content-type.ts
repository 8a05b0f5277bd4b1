import type { ByteString } from "../foundation/index.ts";

/*
 * A file's MIME type from its first 3072 bytes, then from its name. The value is a convenience of the snapshot (searching,
 * icons); nothing depends on it being the Go implementation's own, only on its being present (format-gaps section 7).
 */
/** So much of the beginning is looked at. */
export const HEAD_BYTES = 3072;

const signatures: readonly (readonly [offset: number, hex: string, type: string])[] = [
  [0, "89504e470d0a1a0a", "image/png"],
  [0, "ffd8ff", "image/jpeg"],
  [0, "47494638", "image/gif"],
  [8, "57454250", "image/webp"],
  [0, "424d", "image/bmp"],
  [0, "49492a00", "image/tiff"],
  [0, "4d4d002a", "image/tiff"],
  [0, "255044462d", "application/pdf"],
  [0, "504b0304", "application/zip"],
  [0, "1f8b08", "application/gzip"],
  [0, "28b52ffd", "application/zstd"],
  [0, "fd377a585a00", "application/x-xz"],
  [0, "425a68", "application/x-bzip2"],
  [0, "377abcaf271c", "application/x-7z-compressed"],
  [257, "7573746172", "application/x-tar"],
  [0, "7f454c46", "application/x-elf"],
  [0, "4d5a", "application/vnd.microsoft.portable-executable"],
  [0, "cafebabe", "application/java-archive"],
  [0, "0061736d", "application/wasm"],
  [0, "53514c69746520666f726d6174203300", "application/vnd.sqlite3"],
  [0, "4f676753", "application/ogg"],
  [0, "664c6143", "audio/flac"],
  [0, "494433", "audio/mpeg"],
  [4, "66747970", "video/mp4"],
  [0, "1a45dfa3", "video/x-matroska"],
  [0, "213c617263683e0a", "application/x-archive"],
];

const extensions: Readonly<Record<string, string>> = {
  c: "text/x-c",
  css: "text/css",
  csv: "text/csv",
  go: "text/x-go",
  h: "text/x-c",
  htm: "text/html",
  html: "text/html",
  ics: "text/calendar",
  java: "text/x-java",
  js: "text/javascript",
  json: "application/json",
  md: "text/markdown",
  mjs: "text/javascript",
  pem: "application/x-pem-file",
  php: "text/x-php",
  pl: "text/x-perl",
  py: "text/x-python",
  rb: "text/x-ruby",
  rs: "text/x-rust",
  sh: "text/x-shellscript",
  sql: "application/sql",
  svg: "image/svg+xml",
  toml: "application/toml",
  ts: "text/x-typescript",
  tsv: "text/tab-separated-values",
  xml: "application/xml",
  yaml: "application/yaml",
  yml: "application/yaml",
};

const magic = signatures.map(([offset, hex, type]) => ({ offset, bytes: Buffer.from(hex, "hex"), type }));

/** `head`: the first bytes of the content, up to 3072. */
export function contentTypeOf(path: ByteString, head: Uint8Array): string {
  const utf8 = "; charset=utf-8";
  for (const { offset, bytes, type } of magic) {
    if (offset + bytes.length <= head.length && matches(head, bytes, offset)) return type;
  }
  if (!isText(head)) return "application/octet-stream";
  const byName = extensions[extensionOf(path)];
  return byName ? (byName.startsWith("text/") ? byName + utf8 : byName) : `text/plain${utf8}`;
}

function matches(head: Uint8Array, bytes: Uint8Array, offset: number): boolean {
  for (let i = 0; i < bytes.length; i++) if (head[offset + i] !== bytes[i]) return false;
  return true;
}

function extensionOf(path: ByteString): string {
  const dot = path.lastIndexOf(".");
  return dot > path.lastIndexOf("/") ? path.slice(dot + 1).toLowerCase() : "";
}

/** No control characters but those of text; bytes above 127 pass. */
function isText(head: Uint8Array): boolean {
  for (let i = 0; i < head.length; i++) {
    const byte = head[i] as number;
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) return false;
  }
  return true;
}
