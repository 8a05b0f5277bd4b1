import { type ByteString, DEVICE_ATTRIBUTE, type ItemKind, systemCode, toText } from "../../foundation/index.ts";
import { deviceNumber, mkfifo, mknod } from "../../system/index.ts";
import type { RestoreItem } from "../contract.ts";
import { restoreFailure } from "../failures.ts";
import { isDevice } from "./metadata.ts";

const PRIVATE = 0o600;
const S_IFSOCK = 0o140000;
const S_IFCHR = 0o020000;
const S_IFBLK = 0o060000;
/** Linux keeps 12 bits of a major and 20 of a minor number. */
const MAX_MAJOR = 0xfff;
const MAX_MINOR = 0xf_ffff;

/** Makes a FIFO, socket or device, mode 0600. Throws `restore-unsupported`, and system errors such as EEXIST. */
export function makeSpecial(absolute: ByteString, item: RestoreItem): void {
  const { kind } = item.info;
  try {
    if (kind === "fifo") mkfifo(absolute, PRIVATE);
    else if (kind === "socket") mknod(absolute, S_IFSOCK | PRIVATE);
    else if (isDevice(kind)) mknod(absolute, (kind === "block-device" ? S_IFBLK : S_IFCHR) | PRIVATE, numberOf(item));
    else throw new Error(`${kind} is no special file`);
  } catch (error) {
    const code = systemCode(error);
    if (kind !== "fifo" && (code === "EPERM" || code === "EACCES"))
      throw unsupported(item, `only root may make a ${shownKind(kind)}`, error);
    if (code === "ENOTSUP") throw unsupported(item, `no ${shownKind(kind)} can be made on this system`, error);
    throw error;
  }
}

/** The device number that was recorded; snapshots of the Go implementation and of old versions have none. */
function numberOf(item: RestoreItem): bigint {
  const attribute = item.extendedAttributes?.find(({ name }) => name === DEVICE_ATTRIBUTE);
  const [, major, minor] = /^(\d{1,10}):(\d{1,10})$/.exec(attribute ? textOf(attribute.value) : "") ?? [];
  if (major === undefined || minor === undefined)
    throw unsupported(item, "the snapshot does not hold its device number");
  if (Number(major) > MAX_MAJOR || Number(minor) > MAX_MINOR) {
    throw unsupported(item, `${major}:${minor} is no device number of this system`);
  }
  return deviceNumber(Number(major), Number(minor));
}

function textOf(value: Uint8Array): string {
  return toText(Buffer.from(value).toString("latin1") as ByteString) ?? "";
}

function shownKind(kind: ItemKind): string {
  return kind.replace("-", " ");
}

function unsupported(item: RestoreItem, reason: string, cause?: unknown): Error {
  return restoreFailure("restore-unsupported", "input", item.path, reason, { cause });
}
