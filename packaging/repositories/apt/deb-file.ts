import { readAr } from "../archives/ar.ts";
import { decompress } from "../archives/compression.ts";
import { readTar } from "../archives/tar.ts";
import type { IndexedPackage, PackageFile, Section } from "../contract.ts";
import { digestOf } from "../digests.ts";
import { damagedPackage, messageOf } from "../repository-error.ts";
import { fieldOf, type Paragraph, parseParagraph } from "./control-file.ts";

/** A .deb (deb(5)): an ar archive of a version, a control archive and a data archive. */
export function readDeb(fileName: string, content: Uint8Array): PackageFile {
  const text = readControl(fileName, content);
  try {
    const control = parseParagraph(text);
    const [name, version, architecture] = ["Package", "Version", "Architecture"].map((field) =>
      fieldOf(control, field),
    );
    if (name === undefined || version === undefined || architecture === undefined) throw new Error("it has no name");
    const path = poolPath(control);
    const digest = digestOf(content, "sha256");
    const record = `${text.trim()}\nFilename: ${path}\nSize: ${content.length}\nSHA256: ${digest}`;
    const indexed: IndexedPackage = { name, version, architecture, path: `apt/${path}`, records: [record] };
    const indexIn = (section: Section): IndexedPackage | undefined =>
      architecture === "all" || section.architectures.includes(architecture) ? indexed : undefined;
    return { kind: "apt", fileName, name, version, architecture, content, indexIn, signatureProblem: noSignature };
  } catch (cause) {
    throw damagedPackage(fileName, messageOf(cause), cause);
  }
}

/** Debian's own layout: below the first letter (`lib` and one more for libraries) and the name; without the epoch. */
function poolPath(control: Paragraph): string {
  const [name, version, architecture] = [
    fieldOf(control, "Package"),
    fieldOf(control, "Version"),
    fieldOf(control, "Architecture"),
  ];
  const shelf = name.startsWith("lib") ? name.slice(0, 4) : name.slice(0, 1);
  return `pool/main/${shelf}/${name}/${name}_${version.replace(/^\d+:/, "")}_${architecture}.deb`;
}

function readControl(fileName: string, content: Uint8Array): string {
  try {
    const [version, control, data] = readAr(content).filter(({ name }) => !name.startsWith("_"));
    if (version?.name !== "debian-binary") throw new Error("it does not begin as a .deb does");
    if (!control?.name.startsWith("control.tar")) throw new Error("it has no control archive");
    if (!data?.name.startsWith("data.tar")) throw new Error("it has no data archive");
    const file = readTar(decompress(control.name, control.content)).find(({ name }) => /^(\.\/)?control$/.test(name));
    if (file === undefined) throw new Error("it has no control file");
    return new TextDecoder("utf-8", { fatal: true }).decode(file.content);
  } catch (cause) {
    throw damagedPackage(fileName, messageOf(cause), cause);
  }
}

/** apt looks at the signature of InRelease, not at packages. */
async function noSignature(): Promise<undefined> {
  return undefined;
}
