import { isPlakarError } from "../foundation/index.ts";

/** What scripts rely on: README and docs/errors.md list them. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  incomplete: 3,
  damaged: 65,
  unopenable: 66,
  busy: 75,
  passphrase: 77,
  newer: 78,
  interrupted: 130,
  terminated: 143,
} as const;

const byCode: Readonly<Record<string, number>> = {
  "store-missing": ExitCode.unopenable,
  "store-unknown": ExitCode.unopenable,
  "config-damaged": ExitCode.unopenable,
  "ptar-damaged": ExitCode.unopenable,
  "passphrase-wrong": ExitCode.passphrase,
  "passphrase-missing": ExitCode.passphrase,
  "store-not-encrypted": ExitCode.passphrase,
};

/** `signal`: what made the program stop, if anything did. */
export function exitCodeOf(error: unknown, signal?: NodeJS.Signals): number {
  if (!isPlakarError(error)) return ExitCode.failed;
  const special = byCode[error.code];
  if (special !== undefined) return special;
  switch (error.kind) {
    case "usage":
      return ExitCode.usage;
    case "corrupted":
      return ExitCode.damaged;
    case "conflict":
      return ExitCode.busy;
    case "newer":
      return ExitCode.newer;
    case "interrupted":
      return signal === "SIGTERM" || signal === "SIGHUP" ? ExitCode.terminated : ExitCode.interrupted;
    default:
      return ExitCode.failed;
  }
}
