import { lstatSync, mkdirSync, type Stats } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { environment } from "../foundation/index.ts";
import { PROTOCOL_VERSION } from "./protocol.ts";

/** Where the agent is found: a directory that is ours alone, and in it a socket and a lock. */
export interface AgentPlace {
  readonly directory: string;
  readonly socket: string;
  /** Its flock belongs to the living agent. */
  readonly lock: string;
}

/** sun_path has 104 bytes on macOS and 108 on Linux, with the NUL. */
const MAX_SOCKET_BYTES = 103;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * The first of `$XDG_RUNTIME_DIR/plakar-UID` and `plakar-UID` below the temporary directory that can be trusted: a directory,
 * no link to one, which belongs to this user, which nobody else may enter, and which nobody else may exchange. With `make` it is made
 * where it is missing. Undefined when there is none; then there is no agent.
 */
export function findPlace(options: { readonly make: boolean }): AgentPlace | undefined {
  const user = process.getuid?.();
  if (user === undefined) return undefined; // Windows: see docs/decisions/15-agent.md
  const bases = [environment("XDG_RUNTIME_DIR"), tmpdir()].filter((base) => base !== undefined);
  for (const base of bases) {
    const place = placeIn(join(base, `plakar-${user}`));
    if (Buffer.byteLength(place.socket) > MAX_SOCKET_BYTES) continue;
    if (options.make) makeDirectory(place.directory);
    if (isOurs(place.directory)) return place;
  }
  return undefined;
}

export function placeIn(directory: string): AgentPlace {
  const name = `agent-${PROTOCOL_VERSION}`;
  return { directory, socket: join(directory, `${name}.sock`), lock: join(directory, `${name}.lock`) };
}

/** Whether nobody but this user (and root) can have put something there. */
export function isOurs(directory: string): boolean {
  try {
    const own = lstatSync(directory);
    if (!own.isDirectory() || own.uid !== process.getuid?.() || (own.mode & OTHERS) !== 0) return false;
    return cannotBeExchanged(lstatSync(`${dirname(directory)}/`));
  } catch {
    return false;
  }
}

/** In a directory that others may write to, the sticky bit keeps them from renaming what is ours. */
function cannotBeExchanged({ mode }: Stats): boolean {
  return (mode & OTHERS_WRITE) === 0 || (mode & STICKY) !== 0;
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch {
    // it is there, or it cannot be made: both is seen when it is looked at
  }
}
