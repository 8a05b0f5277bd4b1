import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ScriptError } from "../support/script-error.ts";

/** `file /usr/bin/plakar` -> `-rwxr-xr-x root/root 117000000`; `depends`, `script postinst` and so on -> what they say. */
export type PackageContents = ReadonlyMap<string, string>;

/** No package of ours unpacks to as much. */
const maxBuffer = 1 << 30;

/** What is in a package, as the tools of its kind say it. Throws a ScriptError where they cannot read it. */
export function describePackage(path: string): PackageContents {
  try {
    return describe(path);
  } catch (cause) {
    const { status } = cause as { status?: number };
    if (status === undefined) throw cause;
    throw new ScriptError(`release: ${path} cannot be read: it is no package of its kind, or cut short`);
  }
}

function describe(path: string): PackageContents {
  if (path.endsWith(".deb")) return describeDeb(path);
  if (path.endsWith(".rpm")) return describeRpm(path);
  if (path.endsWith(".zip")) return describeZip(path);
  return describeTar(path);
}

function describeDeb(path: string): PackageContents {
  const fields = ["Depends", "Recommends", "Suggests", "Conflicts", "Replaces", "Provides"].map(
    (field): [string, string] => [field.toLowerCase(), output("dpkg-deb", "--field", path, field).trim()],
  );
  const folder = mkdtempSync(join(tmpdir(), "plakar-control-"));
  try {
    execFileSync("dpkg-deb", ["--control", path, folder]);
    const scripts = readdirSync(folder)
      .filter((name) => !["control", "md5sums"].includes(name))
      .map((name): [string, string] => [`script ${name}`, digestOf(readFileSync(join(folder, name)))]);
    return present([...fields, ...scripts, ...listing(archiveOf(path))]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function describeRpm(path: string): PackageContents {
  const query = (format: string): string =>
    output("rpm", "--query", "--package", "--nosignature", "--queryformat", format, path);
  const files = query(
    "[%{FILENAMES}\t%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILESIZES} %{FILEDIGESTS}\n]",
  );
  return present([
    ...["REQUIRENAME", "PROVIDENAME", "CONFLICTNAME", "RECOMMENDNAME"].map((tag): [string, string] => [
      `${tag.replace("NAME", "").toLowerCase()}s`,
      [...new Set(query(`[%{${tag}}\n]`).trim().split("\n"))].toSorted().join(", "),
    ]),
    ...["PREIN", "POSTIN", "PREUN", "POSTUN"].map((tag): [string, string] => [
      `script ${tag.toLowerCase()}`,
      query(`%|${tag}?{%{${tag}}}|`) === "" ? "" : digestOf(Buffer.from(query(`%{${tag}}`))),
    ]),
    ...files
      .trimEnd()
      .split("\n")
      .map((line): [string, string] => {
        const [name = "", said = ""] = line.split("\t");
        return [`file ${name}`, said.replace(/ ([0-9a-f]{16})[0-9a-f]*$/, " $1").trimEnd()];
      }),
  ]);
}

/** apk packages are tar as well: several behind each other, with what they say of themselves first. */
function describeTar(path: string): PackageContents {
  const all = listing(archiveOf(path));
  const hidden = ([name]: [string, string]): boolean => name.startsWith("file .");
  const said = path.endsWith(".apk")
    ? output("tar", "--extract", "--gzip", "--ignore-zeros", "--to-stdout", "--file", path, ".PKGINFO")
    : "";
  const fields = [...said.matchAll(/^(depend|provides|replaces) = (.*)$/gm)].map(([, field = "", value = ""]) => ({
    field,
    value,
  }));
  const joined = Map.groupBy(fields, ({ field }) => field);
  return present([
    ...[...joined].map(([field, values]): [string, string] => [field, values.map(({ value }) => value).join(", ")]),
    ...all
      .filter(hidden)
      .map(([name, value]): [string, string] => [name.replace("file .", "script "), value])
      .filter(([name]) => !/SIGN|PKGINFO/.test(name)),
    ...all.filter((line) => !hidden(line)),
  ]);
}

function describeZip(path: string): PackageContents {
  const list = [
    ...["import hashlib, sys, zipfile", "archive = zipfile.ZipFile(sys.argv[1])"],
    ...["for each in archive.infolist():", "    digest = hashlib.sha256(archive.read(each)).hexdigest()[:16]"],
    "    print(each.filename, each.file_size, digest, sep='\\t')",
  ];
  const lines = output("python3", "-c", list.join("\n"), path).trimEnd().split("\n");
  return present(
    lines.map((line): [string, string] => {
      const [name = "", size = "", digest = ""] = line.split("\t");
      return [`file ${withoutVersion(name)}`, `${size} ${digest}`];
    }),
  );
}

/** The tar archive that holds the files of a package: mode, owner, size, and what is in them. */
function listing(archive: Buffer): [string, string][] {
  const words = ["--extract", "--ignore-zeros", "--file", "-", "--to-command", digestCommand];
  const digests = new Map(
    execFileSync("tar", words, { input: archive, encoding: "utf8", maxBuffer, stdio: ["pipe", "pipe", "ignore"] })
      .split("\n")
      .map((line): [string, string] => [line.slice(17), line.slice(0, 16)]),
  );
  const listed = execFileSync("tar", ["--list", "--verbose", "--ignore-zeros", "--file", "-"], {
    ...{ input: archive, encoding: "utf8", maxBuffer },
    stdio: ["pipe", "pipe", "ignore"],
  });
  return listed
    .trimEnd()
    .split("\n")
    .map((line): [string, string] => {
      const [, mode = "", owner = "", size = "", name = ""] = /^(\S+) +(\S+) +(\d+) \S+ \S+ (.*)$/.exec(line) ?? [];
      return [`file ${withoutVersion(name)}`, `${mode} ${owner} ${size} ${digests.get(name) ?? ""}`.trimEnd()];
    });
}

/** GNU tar gives each file to it, whose name it tells by the environment. */
const digestCommand = 'printf "%.16s %s\\n" "$(sha256sum)" "$TAR_FILENAME"';

function archiveOf(path: string): Buffer {
  const [command, ...words] = path.endsWith(".deb")
    ? ["dpkg-deb", "--fsys-tarfile", path]
    : ["gzip", "--decompress", "--stdout", path];
  return execFileSync(command ?? "", words, { maxBuffer, stdio: ["ignore", "pipe", "ignore"] });
}

/** Archives hold one folder, which bears the version. */
function withoutVersion(name: string): string {
  return name.replace(/^plakar_\d[^/]*?_(?=linux|darwin|windows)/, "plakar_V_");
}

function present(pairs: readonly [string, string][]): PackageContents {
  return new Map(pairs.filter(([, value]) => value !== "" && value !== "(none)"));
}

function digestOf(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

function output(command: string, ...words: string[]): string {
  return execFileSync(command, words, { encoding: "utf8", maxBuffer, stdio: ["ignore", "pipe", "ignore"] });
}
