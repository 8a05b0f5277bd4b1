/** This program, and the Go implementation of the same stores: both are called alike. */
import { join } from "node:path";
import { silenceGo } from "../../support/silence-go.ts";
import { endProcessesOf } from "./background.ts";
import type { Program } from "./others.ts";
import { type Call, type Peer, type Place, passphrase } from "./peer.ts";

/** Without its agent: every command derives its key. */
export function ours(program: Program): Peer {
  return plakar("ours", program, { PLAKAR_AGENT: "off" });
}

export function plakarInGo(program: Program): Peer {
  const cacheOf = ({ home }: Place): string => join(home, ".cache", "plakar");
  const peer = plakar("Plakar", program, { PLAKAR_LOCKLESS: "1" });
  return {
    ...peer,
    create: (place) => {
      silenceGo(cacheOf(place));
      return peer.create(place);
    },
    // every command needs a process that keeps states, and leaves it running
    settle: (place) => endProcessesOf(cacheOf(place)),
  };
}

function plakar(name: string, { command, version }: Program, env: Readonly<Record<string, string>>): Peer {
  const call = ({ store, home }: Place, ...words: string[]): Call => ({
    command,
    words: ["at", store, ...words],
    env: { HOME: home, PLAKAR_PASSPHRASE: passphrase, ...env },
  });
  return {
    ...{ name, version },
    create: (place) => [call(place, "create")],
    backup: (place, tree) => call(place, "backup", tree),
    restore: (place, _, to) => call(place, "restore", "-to", to),
    restoredRoot: (_, to) => to,
    check: (place) => call(place, "check"),
  };
}
