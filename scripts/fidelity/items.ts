import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  type BigIntStats,
  chmodSync,
  chownSync,
  closeSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type ByteString, fromText } from "../../src/foundation/index.ts";
import {
  ACCESS_ACL,
  DEFAULT_ACL,
  getExtendedAttribute,
  mknod,
  setExtendedAttribute,
  setModifiedTime,
} from "../../src/system/index.ts";

/** Something that a file system holds: how it comes there, and whether it has come back. */
export interface KindOfItem {
  readonly name: string;
  readonly make: (tree: string) => void;
  readonly isSame: (tree: string, back: string) => boolean;
}

const stat = (path: string): BigIntStats => lstatSync(path, { bigint: true });

/** The same answer of a question about each of some paths. */
function same(question: (path: string) => unknown, ...names: string[]): KindOfItem["isSame"] {
  const answer = (value: unknown): string =>
    JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? String(each) : each));
  return (tree, back) =>
    names.every((name) => answer(question(join(tree, name))) === answer(question(join(back, name))));
}

function file(tree: string, name = "file"): string {
  const path = join(tree, name);
  writeFileSync(path, `content of ${name}`);
  return path;
}

function set(path: string, name: string | ByteString, value: Uint8Array): void {
  setExtendedAttribute(fromText(path), fromText(name), value);
}

function attribute(name: string | ByteString): (path: string) => unknown {
  return (path) => Buffer.from(getExtendedAttribute(fromText(path), fromText(name)) ?? []).toString("hex");
}

/** An access list: its version, and tag, permissions and number of each entry (acl(5), as the kernel keeps it). */
function accessList(): Uint8Array {
  const none = 0xffff_ffff;
  const entries = [
    [1, 6, none],
    [2, 4, 1234],
    [4, 4, none],
    [16, 4, none],
    [32, 4, none],
  ] as const;
  const list = Buffer.alloc(4 + entries.length * 8);
  list.writeUInt32LE(2, 0);
  for (const [index, [tag, permissions, id]] of entries.entries()) {
    list.writeUInt16LE(tag, 4 + index * 8);
    list.writeUInt16LE(permissions, 6 + index * 8);
    list.writeUInt32LE(id, 8 + index * 8);
  }
  return list;
}

/** Those that a user may set, of those that lsattr(1) shows. */
function listedFlags(path: string): string {
  const [flags = ""] = execFileSync("lsattr", [path], { encoding: "utf8" }).split(" ");
  return flags.replace(/[^acdi]/g, "");
}

const odd = Buffer.from([0x6e, 0xff, 0x01, 0x20, 0x0a]);
const mtime = (path: string): unknown => stat(path).mtimeNs;
const inodes =
  (names: readonly string[]): KindOfItem["isSame"] =>
  (_, back) =>
    new Set(names.map((name) => stat(join(back, name)).ino)).size === 1;

export const kindsOfItems: readonly KindOfItem[] = [
  {
    name: "content",
    make: (tree) => writeFileSync(join(tree, "file"), randomBytes(3_000_000)),
    isSame: same((path) => readFileSync(path).toString("base64"), "file"),
  },
  {
    name: "names of any bytes",
    make: (tree) => writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), odd]), "x"),
    isSame: (_, back) => readdirSync(Buffer.from(back), { encoding: "buffer" }).some((name) => name.equals(odd)),
  },
  {
    name: "permissions, setuid, setgid, sticky",
    make: (tree) => {
      chmodSync(file(tree), 0o6751);
      mkdirSync(join(tree, "dir"));
      chmodSync(join(tree, "dir"), 0o3771);
    },
    isSame: same((path) => stat(path).mode, "file", "dir"),
  },
  {
    name: "owner and group of files",
    make: (tree) => chownSync(file(tree), 1234, 4321),
    isSame: same((path) => [stat(path).uid, stat(path).gid], "file"),
  },
  {
    name: "owner and group of directories",
    make: (tree) => {
      mkdirSync(join(tree, "dir"));
      chownSync(join(tree, "dir"), 1234, 4321);
    },
    isSame: same((path) => [stat(path).uid, stat(path).gid], "dir"),
  },
  {
    name: "times of files to the nanosecond",
    make: (tree) => setModifiedTime(fromText(file(tree)), 1_700_000_000_123_456_789n),
    isSame: same(mtime, "file"),
  },
  {
    name: "times of directories and links",
    make: (tree) => {
      mkdirSync(join(tree, "dir"));
      file(tree, "dir/below");
      symlinkSync("dir", join(tree, "link"));
      for (const name of ["dir", "link"]) setModifiedTime(fromText(join(tree, name)), 1_700_000_000_123_456_789n);
    },
    isSame: same(mtime, "dir", "link"),
  },
  {
    name: "times before 1970",
    make: (tree) => setModifiedTime(fromText(file(tree)), -1_000_000_000_123_456_789n),
    isSame: same(mtime, "file"),
  },
  {
    name: "hard links of files",
    make: (tree) => {
      for (const name of ["second", "third"])
        linkSync(name === "second" ? file(tree) : join(tree, "file"), join(tree, name));
    },
    isSame: inodes(["file", "second", "third"]),
  },
  {
    name: "hard links of links",
    make: (tree) => {
      symlinkSync("nowhere", join(tree, "link"));
      execFileSync("ln", ["-P", join(tree, "link"), join(tree, "second")]);
    },
    isSame: inodes(["link", "second"]),
  },
  {
    name: "hard links of FIFOs",
    make: (tree) => {
      execFileSync("mkfifo", [join(tree, "fifo")]);
      execFileSync("ln", [join(tree, "fifo"), join(tree, "second")]);
    },
    isSame: inodes(["fifo", "second"]),
  },
  {
    name: "symbolic links, with targets of any bytes",
    make: (tree) => symlinkSync(odd, join(tree, "link")),
    isSame: same((path) => readlinkSync(path, { encoding: "hex" }), "link"),
  },
  {
    name: "two `user.` attributes, and one of a directory",
    make: (tree) => {
      set(file(tree), "user.one", Buffer.from([0, 255, 10]));
      set(join(tree, "file"), "user.two", Buffer.from("two"));
      mkdirSync(join(tree, "dir"));
      set(join(tree, "dir"), "user.one", Buffer.from("of a directory"));
    },
    isSame: (tree, back) =>
      same(attribute("user.one"), "file", "dir")(tree, back) && same(attribute("user.two"), "file")(tree, back),
  },
  {
    name: "`trusted.` attributes and capabilities",
    make: (tree) => {
      set(file(tree), "trusted.note", Buffer.from("root"));
      set(join(tree, "file"), "security.capability", Buffer.from("0100000200040000000000000000000000000000", "hex"));
    },
    isSame: (tree, back) =>
      same(attribute("trusted.note"), "file")(tree, back) && same(attribute("security.capability"), "file")(tree, back),
  },
  {
    name: "access lists, and those for what comes below",
    make: (tree) => {
      set(file(tree), ACCESS_ACL, accessList());
      mkdirSync(join(tree, "dir"));
      set(join(tree, "dir"), DEFAULT_ACL, accessList());
    },
    isSame: (tree, back) =>
      same(attribute(ACCESS_ACL), "file")(tree, back) && same(attribute(DEFAULT_ACL), "dir")(tree, back),
  },
  {
    name: "FIFOs",
    make: (tree) => execFileSync("mkfifo", [join(tree, "fifo")]),
    isSame: same((path) => stat(path).mode, "fifo"),
  },
  {
    name: "sockets",
    make: (tree) => mknod(fromText(join(tree, "socket")), 0o140_600),
    isSame: same((path) => stat(path).mode, "socket"),
  },
  {
    name: "devices with their numbers",
    make: (tree) => {
      execFileSync("mknod", [join(tree, "zero"), "c", "1", "5"]);
      execFileSync("mknod", [join(tree, "loop"), "b", "7", "3"]);
    },
    isSame: same((path) => [stat(path).mode, stat(path).rdev], "zero", "loop"),
  },
  {
    name: "holes, to a page or so",
    make: (tree) => {
      const descriptor = openSync(join(tree, "file"), "w");
      ftruncateSync(descriptor, 64 << 20);
      writeSync(descriptor, "in the middle", 32 << 20);
      closeSync(descriptor);
    },
    isSame: (_, back) => stat(join(back, "file")).size === 64n << 20n && stat(join(back, "file")).blocks < 64n,
  },
  {
    name: "flags of inodes (immutable, append-only, no dump)",
    make: (tree) => {
      for (const [name, flag] of [
        ["file", "i"],
        ["log", "a"],
        ["cache", "d"],
      ] as const)
        execFileSync("chattr", [`+${flag}`, file(tree, name)]);
    },
    isSame: same((path) => listedFlags(path), "file", "log", "cache"),
  },
  {
    name: "empty directories and files",
    make: (tree) => {
      mkdirSync(join(tree, "dir", "below"), { recursive: true });
      writeFileSync(join(tree, "empty"), "");
    },
    isSame: same((path) => stat(path).mode, "dir", "dir/below", "empty"),
  },
];
