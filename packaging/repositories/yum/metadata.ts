import { gzip } from "../archives/compression.ts";
import type { IndexedPackage } from "../contract.ts";
import { digestOf } from "../digests.ts";
import { element } from "./xml.ts";

/** The files that repomd.xml names, in the order of a package's records. */
export const metadataKinds = ["primary", "filelists", "other"] as const;
export type MetadataKind = (typeof metadataKinds)[number];

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

const roots: Record<MetadataKind, { name: string; attributes: Record<string, string> }> = {
  primary: {
    name: "metadata",
    attributes: {
      xmlns: "http://linux.duke.edu/metadata/common",
      "xmlns:rpm": "http://linux.duke.edu/metadata/rpm",
    },
  },
  filelists: { name: "filelists", attributes: { xmlns: "http://linux.duke.edu/metadata/filelists" } },
  other: { name: "otherdata", attributes: { xmlns: "http://linux.duke.edu/metadata/other" } },
};

export interface MetadataFile {
  readonly kind: MetadataKind;
  /** Below the repository's folder; has the digest in it, so that it never gets other bytes. */
  readonly href: string;
  readonly content: Uint8Array;
  readonly open: Uint8Array;
}

/** Primary, filelists and other over the same packages. gzip, since Enterprise Linux 8 reads no zstd there. */
export function makeMetadata(packages: readonly IndexedPackage[]): MetadataFile[] {
  return metadataKinds.map((kind, position) => {
    const { name, attributes } = roots[kind];
    const records = packages.map(({ records: texts }) => `\n${texts[position] ?? ""}`);
    const root = element(name, { ...attributes, packages: packages.length }, [...records, "\n"]);
    const open = Buffer.from(`${declaration}${root}\n`);
    const content = gzip(open);
    return { kind, href: `repodata/${digestOf(content, "sha256")}-${kind}.xml.gz`, content, open };
  });
}

/** repomd.xml, which names the others; the form is that of createrepo_c. */
export function writeRepomd(files: readonly MetadataFile[], timeSeconds: number): string {
  const entries = files.map(({ kind, href, content, open }) =>
    element("data", { type: kind }, [
      element("checksum", { type: "sha256" }, digestOf(content, "sha256")),
      element("open-checksum", { type: "sha256" }, digestOf(open, "sha256")),
      element("location", { href }),
      element("timestamp", {}, String(timeSeconds)),
      element("size", {}, String(content.length)),
      element("open-size", {}, String(open.length)),
    ]),
  );
  const namespaces = {
    xmlns: "http://linux.duke.edu/metadata/repo",
    "xmlns:rpm": "http://linux.duke.edu/metadata/rpm",
  };
  const content = [element("revision", {}, String(timeSeconds)), ...entries].map((line) => `\n${line}`);
  return `${declaration}${element("repomd", namespaces, [...content, "\n"])}\n`;
}
