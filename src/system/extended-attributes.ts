import { realpathSync } from "node:fs";
import { type ByteString, fromLatin1, toFsPath } from "../foundation/index.ts";
import { attributesByProgram, removeAttributeByProgram, setAttributeByProgram } from "./attribute-programs.ts";
import { cName, cPath } from "./c-string.ts";
import { hasNative, lastError, native } from "./native.ts";
import { errorOfCode } from "./system-error.ts";

/** A path (links are not followed), or an open descriptor. */
export type AttributeTarget = ByteString | number;

/** Linux keeps both a value and the list of names below this (XATTR_SIZE_MAX, XATTR_LIST_MAX). */
const MAX_BYTES = 65_536;
const MAX = BigInt(MAX_BYTES);
const room = Buffer.alloc(MAX_BYTES);
const none: readonly ByteString[] = Object.freeze([]);

/**
 * The names of an item's extended attributes, in byte order; of the link itself unless `followLinks`.
 * Throws system errors: ENOTSUP where the file system or the platform has none, EACCES, ENOENT …
 */
export function listExtendedAttributes(target: AttributeTarget, followLinks = false): readonly ByteString[] {
  if (!hasNative("llistxattr")) return [...attributesByProgram(subjectOf(target, followLinks)).keys()];
  const length = listInto(target, followLinks);
  if (length === 0) return none;
  const names = room.toString("latin1", 0, length).split("\0");
  names.pop();
  return names.toSorted() as ByteString[];
}

function listInto(target: AttributeTarget, followLinks: boolean): number {
  if (typeof target === "number") return checked(native("flistxattr")(target, room, MAX), "flistxattr", target);
  const syscall = followLinks ? "listxattr" : "llistxattr";
  return checked(native(syscall)(cPath(target, syscall), room, MAX), syscall, target);
}

/** The value of one attribute; ENODATA when there is none of that name. */
export function getExtendedAttribute(
  target: AttributeTarget,
  name: ByteString,
  followLinks = false,
): Uint8Array<ArrayBuffer> {
  if (!hasNative("lgetxattr")) return getByProgram(target, name, followLinks);
  return new Uint8Array(room.subarray(0, getInto(target, name, followLinks)));
}

function getInto(target: AttributeTarget, name: ByteString, followLinks: boolean): number {
  if (typeof target === "number") {
    return checked(native("fgetxattr")(target, cName(name, "fgetxattr"), room, MAX), "fgetxattr", target);
  }
  const syscall = followLinks ? "getxattr" : "lgetxattr";
  return checked(native(syscall)(cPath(target, syscall), cName(name, syscall), room, MAX), syscall, target);
}

function getByProgram(target: AttributeTarget, name: ByteString, followLinks: boolean): Uint8Array<ArrayBuffer> {
  const value = attributesByProgram(subjectOf(target, followLinks)).get(name);
  if (value === undefined) throw errorOfCode("ENODATA", "getfattr", target);
  return value;
}

/** Programs are given what a link leads to, when that is wanted. */
function subjectOf(target: AttributeTarget, followLinks: boolean): AttributeTarget {
  return typeof target === "string" && followLinks
    ? fromLatin1(realpathSync.native(toFsPath(target), "latin1"))
    : target;
}

const nothing = Buffer.alloc(1);

/** Makes or replaces one attribute. */
export function setExtendedAttribute(target: AttributeTarget, name: ByteString, value: Uint8Array): void {
  if (!hasNative("lsetxattr")) return setAttributeByProgram(target, name, value);
  // an empty array has no address to pass
  const bytes = value.length === 0 ? nothing : value;
  const size = BigInt(value.length);
  if (typeof target === "number") {
    checked(native("fsetxattr")(target, cName(name, "fsetxattr"), bytes, size, 0), "fsetxattr", target);
  } else {
    const path = cPath(target, "lsetxattr");
    checked(native("lsetxattr")(path, cName(name, "lsetxattr"), bytes, size, 0), "lsetxattr", target);
  }
}

/** Removes one attribute; ENODATA when there is none of that name. */
export function removeExtendedAttribute(target: AttributeTarget, name: ByteString): void {
  if (!hasNative("lremovexattr")) return removeAttributeByProgram(target, name);
  if (typeof target === "number") {
    checked(native("fremovexattr")(target, cName(name, "fremovexattr")), "fremovexattr", target);
  } else {
    checked(native("lremovexattr")(cPath(target, "lremovexattr"), cName(name, "lremovexattr")), "lremovexattr", target);
  }
}

function checked(answer: bigint | number, syscall: string, target: AttributeTarget): number {
  if (answer < 0) throw lastError(syscall, target);
  return Number(answer);
}

/** A name from text, for constants. */
export const ACCESS_ACL: ByteString = fromLatin1("system.posix_acl_access");
export const DEFAULT_ACL: ByteString = fromLatin1("system.posix_acl_default");
