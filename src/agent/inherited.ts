import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { Socket } from "node:net";
import { type Frame, FrameReader, requestLimit } from "./protocol.ts";

const O_CLOEXEC = 0o2000000;
/** Whoever starts an agent has written before it runs. */
const PATIENCE_MS = 5000;

/**
 * What the starter wrote to standard input, which is closed then. Undefined when there is nothing, or it is no pipe: somebody typed
 * the command.
 */
export function readFirstRequest(): Promise<Frame | undefined> {
  const kind = fstatSync(0);
  if (!kind.isFIFO() && !kind.isSocket()) return Promise.resolve(undefined);
  const reader = new FrameReader(requestLimit);
  const input = new Socket({ fd: 0, readable: true, writable: false });
  return new Promise((resolve) => {
    let frame: Frame | undefined;
    input.setTimeout(PATIENCE_MS, () => input.destroy());
    input.on("data", (part: Buffer) => {
      frame = reader.add(part) || undefined;
      if (frame) input.destroy();
    });
    input.on("error", () => input.destroy());
    input.on("close", () => {
      // no library closes a standard stream; its number is taken again at once, so that no other file gets it
      closeSync(0);
      openSync("/dev/null", "r");
      resolve(frame);
    });
  });
}

/**
 * Closes what a shell or a build server left open for its children (`3>&1`): who waits for the other end would wait for us. What
 * this process opened itself closes on exec, and nothing else does. Linux tells; elsewhere Node starts children without it.
 */
export function closeInherited(): void {
  let numbers: number[];
  try {
    numbers = readdirSync("/proc/self/fd").map(Number);
  } catch {
    return;
  }
  for (const number of numbers) if (number > 2 && isInherited(number)) closeSync(number);
}

function isInherited(number: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${number}`, "latin1"))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false; // it was the listing's own
  }
}
