const immutable = [
  /(^|\/)pool\//,
  /(^|\/)by-hash\//,
  /(^|\/)repodata\/[0-9a-f]{64}-/,
  /\.(rpm|apk)$/,
  /(^|\/)generations\//,
];

/**
 * What a web server has to say about caching. What keeps its bytes may be kept for ever. What clients begin with has to be
 * asked for again each time: a cache that keeps an old index beside a new signature makes clients refuse both.
 */
export function cacheControl(path: string): string {
  return immutable.some((form) => form.test(path)) ? "public, max-age=31536000, immutable" : "no-cache";
}

const types: [ending: string, type: string][] = [
  [".deb", "application/vnd.debian.binary-package"],
  [".rpm", "application/x-rpm"],
  [".apk", "application/octet-stream"],
  [".gz", "application/gzip"],
  [".xml", "application/xml"],
  [".json", "application/json"],
  [".asc", "text/plain; charset=utf-8"],
];

export function contentType(path: string): string {
  const type = types.find(([ending]) => path.endsWith(ending))?.[1];
  if (type !== undefined) return type;
  return /(?:^|\/)(?:InRelease|Release|Packages)$/.test(path)
    ? "text/plain; charset=utf-8"
    : "application/octet-stream";
}
