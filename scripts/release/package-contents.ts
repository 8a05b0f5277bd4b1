import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** `file /usr/bin/plakar` -> `-rwxr-xr-x root/root 117000000`; `depends`, `script postinst` and so on -> what they say. */
export type PackageContents = ReadonlyMap<string, string>;

/** What is in a package, as the tools of its kind say it. */
export function describePackage(path: string): PackageContents {
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
    return present([...fields, ...scripts, ...listing(output("dpkg-deb", "--contents", path))]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function describeRpm(path: string): PackageContents {
  const query = (format: string): string =>
    output("rpm", "--query", "--package", "--nosignature", "--queryformat", format, path);
  const files = query("[%{FILENAMES}\t%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILESIZES}\n]");
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
      .map((line): [string, string] => [`file ${line.split("\t")[0] ?? ""}`, line.split("\t")[1] ?? ""]),
  ]);
}

/** apk packages are tar as well: several behind each other, with what they say of themselves first. */
function describeTar(path: string): PackageContents {
  const all = listing(output("tar", "--list", "--verbose", "--gzip", "--ignore-zeros", "--file", path));
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
  const lines = output("python3", "-m", "zipfile", "--list", path).trimEnd().split("\n").slice(1);
  return present(
    lines.map((line): [string, string] => {
      const [, name = "", size = ""] = /^(.*?)\s+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+(\d+)$/.exec(line) ?? [];
      return [`file ${withoutVersion(name)}`, size];
    }),
  );
}

/** Lines of `tar -tv`: mode, owner, size, date, time, name. */
function listing(text: string): [string, string][] {
  return text
    .trimEnd()
    .split("\n")
    .map((line): [string, string] => {
      const [, mode = "", owner = "", size = "", name = ""] = /^(\S+) +(\S+) +(\d+) \S+ \S+ (.*)$/.exec(line) ?? [];
      return [`file ${withoutVersion(name)}`, `${mode} ${owner} ${size}`];
    });
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
  return execFileSync(command, words, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] });
}
