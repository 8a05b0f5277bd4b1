/** This program, with and without its agent, and the Go implementation of the same stores. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endProcessesOf } from "./background.ts";
import type { Program } from "./others.ts";
import { type Call, type Peer, type Place, passphrase } from "./peer.ts";

export function ours({ command, version }: Program): Peer {
  const call = ({ store, home }: Place, ...words: string[]): Call => ({
    command,
    words: ["at", store, ...words],
    env: { HOME: home, PLAKAR_PASSPHRASE: passphrase, PLAKAR_AGENT: "off" },
  });
  return {
    ...{ name: "ours", version },
    create: (place) => [call(place, "create")],
    backup: (place, tree) => call(place, "backup", tree),
    restore: (place, _, to) => call(place, "restore", "-to", to),
    restoredRoot: (_, to) => to,
    check: (place) => call(place, "check"),
  };
}

export function plakarInGo({ command, version }: Program): Peer {
  const call = ({ store, home }: Place, ...words: string[]): Call => ({
    command,
    words: ["at", store, ...words],
    env: { HOME: home, PLAKAR_PASSPHRASE: passphrase, PLAKAR_LOCKLESS: "1" },
  });
  return {
    ...{ name: "Plakar", version },
    create: (place) => {
      silence(join(place.home, ".cache", "plakar"));
      return [call(place, "create")];
    },
    backup: (place, tree) => call(place, "backup", tree),
    restore: (place, _, to) => call(place, "restore", "-to", to),
    restoredRoot: (_, to) => to,
    check: (place) => call(place, "check"),
    // every command needs a process that keeps states, and leaves it running
    settle: ({ home }) => endProcessesOf(join(home, ".cache", "plakar")),
  };
}

/** No welcome, no question to the network about newer versions. */
function silence(cache: string): void {
  const cookies = join(cache, "cookies", "1.0.0");
  mkdirSync(cookies, { recursive: true });
  for (const cookie of [".first-run", ".disabled-security-check"]) writeFileSync(join(cookies, cookie), "");
}
