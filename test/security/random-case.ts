import type { SeededRandom } from "../../src/foundation/index.ts";
import { type HostileItem, utf8 } from "../support/hostile-snapshot.ts";
import { type HostileCase, type Surroundings, sound } from "./hostile-cases.ts";

const kinds = ["file", "file", "directory", "directory", "symlink", "symlink", "fifo", "socket"] as const;

/** A tree in which everything that is bad alone may meet everything else. */
export function randomCase(random: SeededRandom): HostileCase {
  return {
    tree: (around) => {
      const tree = new Map<string, readonly HostileItem[]>();
      const waiting = ["/"];
      for (let path = waiting.shift(); path !== undefined && tree.size < 30; path = waiting.shift()) {
        const items = Array.from({ length: random.below(9) }, () => randomItem(random, around));
        tree.set(path, path === "/" ? [...sound.slice(0, 1), ...items, ...sound.slice(1)] : items);
        for (const { name, kind } of items) {
          const below = `${path === "/" ? "" : path}/${name}`;
          // also what is no directory may have children
          if ((kind === "directory" || random.below(4) === 0) && !tree.has(below)) waiting.push(below);
        }
      }
      return tree;
    },
  };
}

function randomItem(random: SeededRandom, { outside, nowhere }: Surroundings): HostileItem {
  const names = [
    "a",
    "a",
    "b",
    "b",
    "c",
    "A",
    utf8("é"),
    utf8("e\u0301"),
    "..",
    ".",
    "",
    "/",
    "a/b",
    "../a",
    "a\0",
    "\u001b[1m",
  ];
  const name = pick(random, [...names, nowhere, `${outside}/kept`, "x".repeat(300)]);
  const kind = pick(random, kinds);
  return {
    name,
    kind,
    ...(kind === "file" && { content: Buffer.from(`content ${random.below(4)}`) }),
    ...(kind === "symlink" && {
      target: pick(random, [outside, `${outside}/kept`, "..", "a", "b/../..", "../outside", "/"]),
    }),
    permissions: random.below(0o10000),
    userId: pick(random, [0, 0, 65_534, 4_294_967_295]),
    groupId: pick(random, [0, 65_534]),
    inode: random.below(4),
    linkCount: 1 + random.below(3),
    modifiedNs: BigInt(random.below(2 ** 31)) * 1_000_000_007n,
    ...(random.below(6) === 0 && { sizeBytes: random.below(100) }),
    ...(random.below(6) === 0 && { listedAsDirectory: random.below(2) === 0 }),
    ...(random.below(12) === 0 && { parent: pick(random, [outside, "/a", "/"]) }),
  };
}

function pick<T>(random: SeededRandom, values: readonly T[]): T {
  return values[random.below(values.length)] as T;
}
