import { readFileSync } from "node:fs";
import { fromLatin1, toText } from "../foundation/index.ts";
import { hasNative, native, stringAt } from "./native.ts";
import { runProgram } from "./programs.ts";

type Lookup = "getpwuid_r" | "getgrgid_r";

/** The names of one kind of account: the local file first, then whatever else the system asks (LDAP, systemd …). */
export class AccountNames {
  readonly #file: string;
  readonly #lookup: Lookup;
  #names: Map<number, string> | undefined;

  constructor(file: string, lookup: Lookup) {
    this.#file = file;
    this.#lookup = lookup;
  }

  nameOf(id: number): string {
    this.#names ??= readAccounts(this.#file);
    let name = this.#names.get(id);
    if (name === undefined) {
      name = askSystem(this.#lookup, id);
      this.#names.set(id, name);
    }
    return name;
  }

  forget(): void {
    this.#names = undefined;
  }
}

function readAccounts(file: string): Map<number, string> {
  const names = new Map<number, string>();
  let text = "";
  // there it would be a file of the current drive
  if (process.platform === "win32") return names;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // systems without the file have only what the C library knows
  }
  for (const line of text.split("\n")) {
    const [name, , id] = line.split(":");
    if (!name || !id || !/^\d+$/.test(id)) continue;
    // the C library answers the first line with an id
    if (!names.has(Number(id))) names.set(Number(id), name);
  }
  return names;
}

const ERANGE = 34;
const MAX_RECORD_BYTES = 1 << 20;

/** Asks the C library, so that every service of nsswitch.conf counts; "" when the id is unknown or it cannot be asked. */
function askSystem(lookup: Lookup, id: number): string {
  if (id < 0 || id >= 0xffff_ffff) return "";
  if (!hasNative(lookup)) return askProgram(lookup === "getpwuid_r" ? "passwd" : "group", id);
  // struct passwd (48 bytes) and struct group (32): the pointer to the name comes first in both
  const record = new BigUint64Array(16);
  const result = new BigUint64Array(1);
  for (let size = 4096; size <= MAX_RECORD_BYTES; size *= 4) {
    const text = new Uint8Array(size);
    const failed = native(lookup)(id, record, text, BigInt(size), result);
    if (failed === ERANGE) continue;
    return failed === 0 && result[0] !== 0n && record[0] !== undefined ? stringAt(record[0]) : "";
  }
  return "";
}

/** The same by getent(1). */
function askProgram(database: "passwd" | "group", id: number): string {
  if (process.platform !== "linux") return "";
  try {
    return toText(fromLatin1(runProgram("getent", [database, String(id)]).split(":")[0] ?? "")) ?? "";
  } catch {
    return "";
  }
}

const users = new AccountNames("/etc/passwd", "getpwuid_r");
const groups = new AccountNames("/etc/group", "getgrgid_r");

/** The name of a user id, "" when unknown. Remembered until `forgetAccountNames`. */
export function userName(id: number): string {
  return users.nameOf(id);
}

/** The name of a group id, "" when unknown. */
export function groupName(id: number): string {
  return groups.nameOf(id);
}

/** Reads the accounts anew at the next question: called at the start of long work in long-lived processes. */
export function forgetAccountNames(): void {
  users.forget();
  groups.forget();
}
