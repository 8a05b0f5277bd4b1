import { unlinkSync } from "node:fs";
import { type ByteString, type Patience, systemCode, toFsPath } from "../../foundation/index.ts";
import type { Placement, RestoreItem } from "../contract.ts";
import { blocked, collision, ofSystemError } from "../failures.ts";
import { whatIsAt } from "./safe-path.ts";

export interface Making {
  readonly placement: Placement;
  readonly absolute: ByteString;
  /** Of the item, for messages. */
  readonly path: ByteString;
  readonly patience: Patience;
}

/** Runs a step of restoring an item; what the system says of it becomes a failure of the item. */
export async function attempt<T>(item: RestoreItem, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw ofSystemError(error, item.path);
  }
}

/**
 * Makes something with a call that fails when the name is taken. With `create` nothing of before the run is there, so that
 * what has the name is an item of this very run; otherwise it is removed unless it is a directory.
 */
export async function making(what: Making, make: () => void): Promise<void> {
  const { placement, absolute, path, patience } = what;
  try {
    make();
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    if (placement === "create") throw collision(path);
    if (whatIsAt(absolute)?.isDirectory()) throw blocked(path, "a directory takes its place");
    await patience.run(() => unlinkSync(toFsPath(absolute)));
    // where somebody has it open, its name is taken until that is closed
    await patience.run(() => making({ ...what, placement: "create" }, make));
  }
}
