import { type ByteString, isPlakarError, messageOf } from "../foundation/index.ts";
import type { Problem } from "./check-contract.ts";

/** An error as a line of a report. Errors that are not about the store (interruption, permissions, bugs) are thrown on. */
export function problemOf(error: unknown, path?: ByteString): Problem {
  if (!isPlakarError(error) || !["corrupted", "missing", "newer", "input"].includes(error.kind)) throw error;
  const { packfile, state } = error.details;
  return {
    code: error.code,
    message: causeOf(error),
    ...(path !== undefined && { path }),
    ...(typeof packfile === "string" && { packfile }),
    ...(typeof state === "string" && { state }),
  };
}

/** The message with that of its cause, where the cause says more. */
function causeOf(error: Error): string {
  const cause = error.cause === undefined ? "" : messageOf(error.cause);
  return cause === "" || error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}
