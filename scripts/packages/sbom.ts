/* What is in an executable, as CycloneDX 1.6 (ECMA-424): from what the bundler put into it, not from what is installed. */
import { createHash } from "node:crypto";
import type { LockedPackage } from "../support/locked-packages.ts";

/** The part of esbuild's metafile that is looked at. */
export interface BundleContents {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, unknown>> }>>;
}

export interface SbomSources {
  readonly version: string;
  /** Seconds since 1970. */
  readonly timeSeconds: number;
  readonly bundle: BundleContents;
  /** Packages by their place: `node_modules/diff`. */
  readonly locked: Readonly<Record<string, LockedPackage>>;
  /** Packages that the bases of the executables come from. */
  readonly bases: readonly string[];
  /** What Node is made of, as `process.versions` of the base says. */
  readonly baseParts: Readonly<Record<string, string | undefined>>;
  /** Packages whose code is in what is not JavaScript: the compiler's library in the kernels. */
  readonly compiledFrom: readonly string[];
  /** Shared libraries that packages carry. */
  readonly libraries: readonly { readonly name: string; readonly version: string; readonly license?: string }[];
}

interface Component {
  readonly type: string;
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses?: readonly object[];
  readonly hashes?: readonly object[];
  readonly components?: readonly Component[];
}

/** The document; the same sources give the same. */
export function sbomOf(sources: SbomSources): object {
  const { version, timeSeconds, bases, compiledFrom, libraries, locked } = sources;
  const self = `plakar@${version}`;
  const parts = baseParts(sources);
  const components: Component[] = [
    ...bases.map((name) => ({ ...npmComponent("framework", name, locked), components: parts(name) })),
    ...[...bundledPackages(sources.bundle), ...compiledFrom].map((name) => npmComponent("library", name, locked)),
    ...libraries.map(({ name, version: of, license }) => ({
      ...{ type: "library", "bom-ref": `deb:${name}@${of}`, name, version: of },
      purl: `pkg:deb/debian/${name}@${encodeURIComponent(of)}`,
      ...(license !== undefined && { licenses: [{ license: { name: license } }] }),
    })),
  ];
  const content = {
    metadata: {
      timestamp: new Date(timeSeconds * 1000).toISOString(),
      component: {
        ...{ type: "application", "bom-ref": self, name: "plakar", version },
        licenses: [{ license: { id: "ISC" } }],
      },
    },
    components,
    dependencies: [{ ref: self, dependsOn: components.map((each) => each["bom-ref"]) }],
  };
  return {
    ...{ $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", bomFormat: "CycloneDX", specVersion: "1.6" },
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    version: 1,
    ...content,
  };
}

/** Names of the npm packages of which anything is in a bundle, sorted. */
export function bundledPackages({ outputs }: BundleContents): string[] {
  const names = new Set<string>();
  for (const { inputs } of Object.values(outputs)) {
    for (const path of Object.keys(inputs)) {
      const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(path)?.[1];
      if (name !== undefined) names.add(name);
    }
  }
  return [...names].toSorted();
}

function npmComponent(type: string, name: string, locked: SbomSources["locked"]): Component {
  const found = locked[`node_modules/${name}`];
  if (!found) throw new Error(`package-lock.json does not hold ${name}, which is in the executable`);
  const { version, integrity, license } = found;
  const [algorithm, digest = ""] = integrity?.split("-") ?? [];
  return {
    ...{ type, "bom-ref": `npm:${name}@${version}`, name, version },
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    ...(license !== undefined && {
      licenses: [isExpression(license) ? { expression: license } : { license: { id: license } }],
    }),
    ...(algorithm === "sha512" && {
      hashes: [{ alg: "SHA-512", content: Buffer.from(digest, "base64").toString("hex") }],
    }),
  };
}

function isExpression(license: string): boolean {
  return / (?:OR|AND|WITH) /.test(license);
}

/** Within a base: OpenSSL, V8, zlib … */
function baseParts({ baseParts: versions }: SbomSources): (base: string) => Component[] {
  const known = Object.entries(versions).filter(([name, version]) => version !== undefined && !notParts.has(name));
  return (base) =>
    known
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, version = ""]) => ({ type: "library", "bom-ref": `${base}/${name}@${version}`, name, version }));
}

/** What `process.versions` has beside parts: the whole, interfaces, and data. */
const notParts: ReadonlySet<string> = new Set(["node", "modules", "napi", "cldr", "tz", "unicode"]);

/** A UUID that stands for a content (RFC 9562, version 8). */
function uuidOf(content: string): string {
  const hex = createHash("sha256").update(content).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
