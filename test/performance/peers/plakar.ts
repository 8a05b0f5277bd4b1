/** This program, and the Go implementation of the same stores: both are called alike. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { silenceGo } from "../../support/silence-go.ts";
import { endProcessesOf } from "./background.ts";
import type { Program } from "./others.ts";
import { type Background, type Call, type Peer, type Place, passphrase } from "./peer.ts";

/** Without its agent: every command derives its key. */
export function ours(program: Program): Peer {
  return plakar("ours", program, () => ({ PLAKAR_AGENT: "off" }));
}

/** As a second command within half a minute finds it: the agent holds the key. Each work has an agent of its own. */
export function oursWarm(program: Program): Peer {
  const envOf = ({ home }: Place): Record<string, string> => ({ PLAKAR_AGENT: "on", XDG_RUNTIME_DIR: home });
  const peer = plakar("ours, warm", program, envOf);
  const agent = (place: Place, ...words: string[]): string =>
    execFileSync(program.command, ["agent", ...words], {
      env: { HOME: place.home, ...envOf(place) },
      encoding: "utf8",
    });
  return {
    ...peer,
    warmUp: (place) => ({ ...peer.check(place), words: ["at", place.store, "ls"] }),
    coolDown: (place) => {
      const { cpuMs, peakBytes, running } = JSON.parse(agent(place, "-json")) as Background & { running: boolean };
      if (!running) throw new Error("the agent was not there: nothing was warm");
      agent(place, "stop");
      return { cpuMs, peakBytes };
    },
  };
}

export function plakarInGo(program: Program): Peer {
  const cacheOf = ({ home }: Place): string => join(home, ".cache", "plakar");
  const peer = plakar("Plakar", program, () => ({ PLAKAR_LOCKLESS: "1" }));
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

function plakar(
  name: string,
  { command, version }: Program,
  envOf: (place: Place) => Readonly<Record<string, string>>,
): Peer {
  const call = (place: Place, ...words: string[]): Call => ({
    command,
    words: ["at", place.store, ...words],
    env: { HOME: place.home, PLAKAR_PASSPHRASE: passphrase, ...envOf(place) },
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
