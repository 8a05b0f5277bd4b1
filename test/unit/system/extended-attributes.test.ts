import { closeSync, mkdirSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ByteString, fromLatin1, fromText, toFsPath } from "../../../src/foundation/index.ts";
import {
  getExtendedAttribute,
  listExtendedAttributes,
  removeExtendedAttribute,
  setExtendedAttribute,
} from "../../../src/system/index.ts";
import { isRoot, noAttributes, temporaryDirectories } from "./temporary.ts";

const temporary = temporaryDirectories();
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

function file(directory: string, name: ByteString = fromText("file")): ByteString {
  const path = fromLatin1(`${fromText(directory)}/${name}`);
  writeFileSync(toFsPath(path), "content");
  return path;
}

test("attributes are listed in byte order, whatever order they were set in", ({ skip }) => {
  const directory = temporary();
  skip(noAttributes(directory) !== undefined, noAttributes(directory));
  const path = file(directory);
  for (const name of ["user.b", "user.B", "user.a", "user.aa"]) setExtendedAttribute(path, fromText(name), bytes(name));
  expect(listExtendedAttributes(path)).toEqual(["user.B", "user.a", "user.aa", "user.b"]);
  expect(getExtendedAttribute(path, fromText("user.aa"))).toEqual(bytes("user.aa"));
});

test("a file without attributes has an empty list, and a removed attribute is gone", ({ skip }) => {
  const directory = temporary();
  skip(noAttributes(directory) !== undefined, noAttributes(directory));
  const path = file(directory);
  const before = listExtendedAttributes(path);
  setExtendedAttribute(path, fromText("user.x"), bytes("1"));
  removeExtendedAttribute(path, fromText("user.x"));
  expect(listExtendedAttributes(path)).toEqual(before);
});

test("names and values may be any bytes, and a value may be empty or replaced", ({ skip }) => {
  const directory = temporary();
  skip(noAttributes(directory) !== undefined, noAttributes(directory));
  const path = file(directory, fromLatin1("bad-\xff\xfe name"));
  const name = fromLatin1("user.\xe9\xff");
  setExtendedAttribute(path, name, new Uint8Array([0, 255, 0]));
  expect(listExtendedAttributes(path)).toContain(name);
  expect(getExtendedAttribute(path, name)).toEqual(new Uint8Array([0, 255, 0]));
  setExtendedAttribute(path, name, new Uint8Array());
  expect(getExtendedAttribute(path, name)).toEqual(new Uint8Array());
});

test("an open descriptor serves as well as a path", ({ skip }) => {
  const directory = temporary();
  skip(noAttributes(directory) !== undefined, noAttributes(directory));
  const path = file(directory);
  const descriptor = openSync(path, "r");
  setExtendedAttribute(descriptor, fromText("user.fd"), bytes("yes"));
  expect(listExtendedAttributes(descriptor)).toContain("user.fd");
  expect(getExtendedAttribute(descriptor, fromText("user.fd"))).toEqual(bytes("yes"));
  removeExtendedAttribute(descriptor, fromText("user.fd"));
  closeSync(descriptor);
  expect(listExtendedAttributes(path)).not.toContain("user.fd");
});

test("a link is not followed unless asked", ({ skip }) => {
  const directory = temporary();
  skip(noAttributes(directory) !== undefined, noAttributes(directory));
  const path = file(directory);
  setExtendedAttribute(path, fromText("user.target"), bytes("1"));
  const link = fromText(join(directory, "link"));
  symlinkSync("file", link);
  expect(listExtendedAttributes(link)).not.toContain("user.target");
  expect(listExtendedAttributes(link, true)).toContain("user.target");
  expect(getExtendedAttribute(link, fromText("user.target"), true)).toEqual(bytes("1"));
});

test("root keeps attributes on links themselves", ({ skip }) => {
  const directory = temporary();
  skip(!isRoot, "only root may set trusted attributes");
  skip(noAttributes(directory, "trusted.probe") !== undefined, noAttributes(directory, "trusted.probe"));
  const link = fromText(join(directory, "link"));
  symlinkSync("nowhere", link);
  setExtendedAttribute(link, fromText("trusted.t"), bytes("v"));
  expect(listExtendedAttributes(link)).toEqual(["trusted.t"]);
});

test("errors carry the code, the call and the path, as those of Node do", ({ skip }) => {
  const directory = temporary();
  skip(noAttributes(directory) !== undefined, noAttributes(directory));
  const path = file(directory);
  const missing = fromText(join(directory, "missing"));
  expect(() => listExtendedAttributes(missing)).toThrow(
    expect.objectContaining({ code: "ENOENT", syscall: "llistxattr", path: missing }),
  );
  expect(() => getExtendedAttribute(path, fromText("user.no"))).toThrow(expect.objectContaining({ code: "ENODATA" }));
  expect(() => setExtendedAttribute(path, fromText("odd.name"), bytes(""))).toThrow(
    expect.objectContaining({ code: "ENOTSUP" }),
  );
  const links = fromText(join(directory, "file", "below"));
  expect(() => listExtendedAttributes(links)).toThrow(expect.objectContaining({ code: "ENOTDIR" }));
});

test("a NUL in a path or a name is an error, not another file", ({ skip }) => {
  const directory = temporary();
  skip(noAttributes(directory) !== undefined, noAttributes(directory));
  const path = file(directory);
  const cut = fromLatin1(`${path}\0suffix`);
  expect(() => listExtendedAttributes(cut)).toThrow(expect.objectContaining({ code: "EINVAL" }));
  expect(() => setExtendedAttribute(path, fromLatin1("user.a\0b"), bytes(""))).toThrow(
    expect.objectContaining({ code: "EINVAL" }),
  );
  expect(listExtendedAttributes(path).filter((name) => name.startsWith("user."))).toEqual([]);
});

test("a path longer than the system takes is refused", () => {
  const long = fromText(`/${"x".repeat(5000)}`);
  expect(() => listExtendedAttributes(long)).toThrow(expect.objectContaining({ code: "ENAMETOOLONG" }));
});

test("many large attributes are all listed", ({ skip }) => {
  const directory = temporary();
  mkdirSync(join(directory, "d"));
  const path = fromText(join(directory, "d"));
  skip(noAttributes(directory) !== undefined, noAttributes(directory));
  const names = Array.from({ length: 40 }, (_, index) => fromText(`user.attribute-${String(index).padStart(2, "0")}`));
  for (const name of names) setExtendedAttribute(path, name, bytes("v".repeat(32)));
  expect(listExtendedAttributes(path)).toEqual(names);
});
