import { chmodSync, lstatSync, lutimesSync, writeFileSync } from "node:fs";
import {
  BIRTH_TIME_ATTRIBUTE,
  type ByteString,
  fromBytes,
  isWindowsAttribute,
  type PlakarError,
  STREAM_ATTRIBUTE_PREFIX,
  systemCode,
  toDisplay,
  toFsPath,
  WINDOWS_ATTRIBUTES,
} from "../../foundation/index.ts";
import {
  ARCHIVE,
  attributesOfWords,
  describeSystemError,
  NORMAL,
  READONLY,
  settableAttributes,
  setWindowsMetadata,
  streamPath,
  windowsAttributesOf,
} from "../../system/index.ts";
import type { LeftOut, RestoreItem } from "../contract.ts";
import { restoreFailure } from "../failures.ts";
import type { MetadataPolicy } from "./metadata-policy.ts";

const OWNER_WRITES = 0o200;
const HUNDRED_NS = 100n;

/**
 * Gives an item what Windows has of its metadata: small streams, attributes, times to 100 ns. A file of another system that
 * its owner may not write becomes read-only. Owners and access lists stay those of the target. Throws `restore-metadata`,
 * which also names what Windows has no place for.
 */
export function finishOnWindows(path: ByteString, what: RestoreItem, policy: MetadataPolicy): readonly LeftOut[] {
  const failed: string[] = [];
  let cause: unknown;
  const attempt = (name: string, step: () => void): void => {
    try {
      step();
    } catch (error) {
      failed.push(`${name}: ${describeSystemError(error)}`);
      cause ??= error;
    }
  };
  for (const { name, value } of what.extendedAttributes ?? []) {
    if (name.startsWith(STREAM_ATTRIBUTE_PREFIX)) {
      const stream = name.slice(STREAM_ATTRIBUTE_PREFIX.length) as ByteString;
      attempt(`stream ${toDisplay(stream)}`, () => writeFileSync(streamPath(path, checked(stream)), value));
    } else if (!isWindowsAttribute(name) && !policy.skipPermissions) {
      failed.push(`attribute ${toDisplay(name)}: Windows has no place for it`);
    }
  }
  attempt("attributes and time", () => set(path, what, policy));
  if (failed.length > 0) throw failure(what, failed, cause);
  return [];
}

/** Whether what is there has the times and attributes that it would be given. */
export function isFinishedOnWindows(path: ByteString, what: RestoreItem, policy: MetadataPolicy): boolean {
  const there = lstatSync(toFsPath(path), { bigint: true });
  if (there.mtimeNs / HUNDRED_NS !== what.info.modifiedNs / HUNDRED_NS) return false;
  const attributes = windowsAttributesOf(path);
  return policy.skipPermissions || attributes === undefined || settableAttributes(attributes) === wanted(what);
}

function set(path: ByteString, what: RestoreItem, policy: MetadataPolicy): void {
  const { modifiedNs } = what.info;
  const createdNs = birthTime(what);
  const attributes = policy.skipPermissions ? undefined : wanted(what) || NORMAL;
  try {
    setWindowsMetadata(path, { modifiedNs, createdNs, attributes });
  } catch (error) {
    if (systemCode(error) !== "ENOTSUP") throw error;
    // without native calls: what Node has
    const seconds = Number(modifiedNs) / 1e9;
    lutimesSync(toFsPath(path), seconds, seconds);
    if (attributes !== undefined && (attributes & READONLY) !== 0) chmodSync(toFsPath(path), 0o444);
  }
}

/** The attributes that were recorded; of an item that another system saved those that come closest. */
function wanted({ info, extendedAttributes }: RestoreItem): number {
  const recorded = extendedAttributes?.find(({ name }) => name === WINDOWS_ATTRIBUTES);
  if (recorded) return settableAttributes(attributesOfWords(Buffer.from(recorded.value).toString("latin1")));
  if (info.kind !== "file") return 0;
  const isForeign = !extendedAttributes?.some(({ name }) => name === BIRTH_TIME_ATTRIBUTE);
  return isForeign && (info.permissions & OWNER_WRITES) === 0 ? ARCHIVE | READONLY : ARCHIVE;
}

function birthTime({ extendedAttributes }: RestoreItem): bigint | undefined {
  const attribute = extendedAttributes?.find(({ name }) => name === BIRTH_TIME_ATTRIBUTE);
  const text = attribute ? Buffer.from(attribute.value).toString("latin1") : "";
  return /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
}

/** A stream's name is one word: nothing of it may lead to another file, or be the content itself. */
function checked(stream: ByteString): ByteString {
  if (stream === "" || /[:\\/\0]/.test(stream)) throw new Error("it has a name that no stream can have");
  return stream;
}

function failure({ path }: RestoreItem, failed: readonly string[], cause: unknown): PlakarError {
  const reason = `its content is there, but not its ${failed.slice(0, 4).join("; ")}`;
  return restoreFailure("restore-metadata", "unavailable", path, reason, { cause });
}

/** What workers hand over as the path of a file. */
export function asWindowsPath(fsPath: string | Uint8Array): ByteString {
  return typeof fsPath === "string" ? (fsPath as ByteString) : fromBytes(Buffer.from(fsPath));
}
