/** restic, borg, kopia and rustic as their users call them, with their defaults. */
import { join } from "node:path";
import { type Call, type Peer, type Place, passphrase } from "./peer.ts";

/** A program and the version it tells. */
export interface Program {
  readonly command: string;
  readonly version: string;
}

export function restic({ command, version }: Program): Peer {
  const call = ({ store, home }: Place, ...words: string[]): Call => ({
    command,
    words,
    env: { HOME: home, RESTIC_REPOSITORY: store, RESTIC_PASSWORD: passphrase },
  });
  return {
    ...{ name: "restic", version },
    create: (place) => [call(place, "init")],
    backup: (place, tree) => call(place, "backup", tree),
    restore: (place, _, to) => call(place, "restore", "latest", "--target", to),
    restoredRoot: (tree, to) => join(to, tree),
    check: (place) => call(place, "check", "--read-data"),
  };
}

export function rustic({ command, version }: Program): Peer {
  const call = ({ store, home }: Place, ...words: string[]): Call => ({
    command,
    words: ["--no-progress", ...words],
    env: { HOME: home, RUSTIC_REPOSITORY: store, RUSTIC_PASSWORD: passphrase },
  });
  return {
    ...{ name: "rustic", version },
    create: (place) => [call(place, "init")],
    backup: (place, tree) => call(place, "backup", tree),
    restore: (place, tree, to) => call(place, "restore", `latest:${tree}`, to),
    restoredRoot: (_, to) => to,
    check: (place) => call(place, "check", "--read-data"),
  };
}

export function borg({ command, version }: Program): Peer {
  let archives = 0;
  const call = ({ store, home }: Place, ...words: string[]): Call => ({
    command,
    words,
    env: {
      HOME: home,
      BORG_REPO: store,
      BORG_PASSPHRASE: passphrase,
      BORG_DISPLAY_PASSPHRASE: "no",
      BORG_RELOCATED_REPO_ACCESS_IS_OK: "yes",
    },
  });
  return {
    ...{ name: "borg", version },
    create: (place) => [call(place, "init", "--encryption", "repokey-blake2")],
    backup: (place, tree) => call(place, "create", "--compression", "lz4", `::a${++archives}`, tree),
    restore: (place, _, to) => ({ ...call(place, "extract", `::a${archives}`), cwd: to }),
    restoredRoot: (tree, to) => join(to, tree),
    check: (place) => call(place, "check", "--verify-data"),
  };
}

/** It compresses nothing by default, and is measured so. */
export function kopia({ command, version }: Program): Peer {
  const call = ({ home }: Place, ...words: string[]): Call => ({
    command,
    words: ["--config-file", join(home, "config"), "--log-dir", join(home, "log"), "--no-progress", ...words],
    env: { HOME: home, KOPIA_PASSWORD: passphrase, KOPIA_CHECK_FOR_UPDATES: "false" },
  });
  return {
    ...{ name: "kopia", version },
    create: (place) => [
      call(
        place,
        ...["repository", "create", "filesystem", "--path", place.store],
        "--cache-directory",
        join(place.home, "cache"),
      ),
    ],
    backup: (place, tree) => call(place, "snapshot", "create", tree),
    restore: (place, tree, to) => call(place, "restore", tree, to),
    restoredRoot: (_, to) => to,
    check: (place) => call(place, "snapshot", "verify", "--verify-files-percent=100"),
  };
}
