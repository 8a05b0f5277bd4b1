import { unlinkSync } from "node:fs";
import { type ByteString, systemCode, toFsPath } from "../../foundation/index.ts";
import type { Placement, RestoreItem } from "../contract.ts";
import { blocked, collision, ofSystemError } from "../failures.ts";
import { whatIsAt } from "./safe-path.ts";

/** Runs a step of restoring an item; what the system says of it becomes a failure of the item. */
export function attempt<T>(item: RestoreItem, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw ofSystemError(error, item.path);
  }
}

/**
 * Makes something with a call that fails when the name is taken. With `create` nothing of before the run is there, so that
 * what has the name is an item of this very run; otherwise it is removed unless it is a directory.
 */
export function making(placement: Placement, absolute: ByteString, path: ByteString, make: () => void): void {
  try {
    make();
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    if (placement === "create") throw collision(path);
    if (whatIsAt(absolute)?.isDirectory()) throw blocked(path, "a directory takes its place");
    unlinkSync(toFsPath(absolute));
    make();
  }
}
