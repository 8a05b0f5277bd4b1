import { directory, file, type HostileItem, type HostileTree, link, utf8 } from "../support/hostile-snapshot.ts";

/** What a case finds around it. */
export interface Surroundings {
  /** A directory beside the target, with things in it that must stay as they are. */
  readonly outside: string;
  /** A path outside the target at which nothing is. */
  readonly nowhere: string;
}

export interface HostileCase {
  readonly tree: (around: Surroundings) => HostileTree;
  /** As snapshots of before there were listings of directories. */
  readonly withoutListings?: boolean;
  /** What leaves things out, and so must not end with 0: every command that goes through the whole tree. */
  readonly isTold?: boolean;
  /** Names at the top of the target that come back, beside `good`. */
  readonly comesBack?: readonly string[];
}

/** Whatever the harm, what is sound comes back: a file of this name is in every tree, before and behind what is hostile. */
export const sound: readonly HostileItem[] = [file("good", "sound"), file("zz-good", "sound")];

function top(...items: readonly HostileItem[]): HostileTree {
  return new Map([["/", [sound[0] as HostileItem, ...items, sound[1] as HostileItem]]]);
}

function tree(entries: Readonly<Record<string, readonly HostileItem[]>>): HostileTree {
  const { "/": first = [], ...others } = entries;
  return new Map([...top(...first), ...Object.entries(others)]);
}

function named(name: string): HostileTree {
  return tree({
    "/": [file(name), directory("d"), link(`${name}l`, "good")],
    "/d": [file(name), directory(name), link(name, "../good"), file("within", "whole")],
    [`/d/${name}`]: [file("evil")],
  });
}

function chain(depth: number): HostileTree {
  const below = new Map<string, readonly HostileItem[]>([["/", [...sound, directory("d")]]]);
  let path = "";
  for (let at = 0; at < depth; at++) {
    path += "/d";
    below.set(path, at === depth - 1 ? [file("bottom")] : [directory("d")]);
  }
  return below;
}

const whole = { comesBack: ["d"] };

export const hostileCases: Readonly<Record<string, HostileCase>> = {
  "names that are ..": { tree: () => named(".."), ...whole },
  "names that are .": { tree: () => named("."), ...whole },
  "names that are empty": { tree: () => named(""), ...whole },
  "names that are a slash": { tree: () => named("/"), ...whole },
  "names with a slash": { tree: () => named("a/b"), ...whole },
  "names that climb": { tree: () => named("../../outside/evil"), ...whole },
  "names that climb and come down": { tree: () => named("x/../../outside/kept"), ...whole },
  "names that are absolute": { tree: ({ nowhere }) => named(nowhere), ...whole },
  "names with NUL": { tree: () => named("a\0b"), ...whole },
  "names of 255 bytes and more": {
    tree: () => top(file("n".repeat(255), "fits"), file("n".repeat(256)), directory("m".repeat(4096))),
    comesBack: ["n".repeat(255)],
  },
  "a link, and then children of it": {
    tree: ({ outside }) =>
      tree({ "/": [link("l", outside)], "/l": [file("kept", "evil"), file("new"), directory("sub")] }),
    isTold: true,
  },
  "a link, and then a directory of the same name": {
    tree: ({ outside }) =>
      tree({ "/": [link("x", outside), directory("x")], "/x": [file("kept", "evil"), file("new")] }),
  },
  "a directory, and then a link of the same name": {
    tree: ({ outside }) =>
      tree({ "/": [directory("x"), link("x", outside)], "/x": [file("kept", "evil"), file("new")] }),
    comesBack: ["x"],
  },
  "a link, and then a file of the same name": {
    tree: ({ outside }) => top(link("x", `${outside}/kept`), file("x", "evil"), file("x", "evil again")),
  },
  "a link that the listing calls a directory": {
    tree: ({ outside }) =>
      tree({ "/": [link("x", outside, { listedAsDirectory: true })], "/x": [file("kept", "evil"), file("new")] }),
  },
  "a file that the listing calls a directory, with children": {
    tree: () => tree({ "/": [file("x", "evil", { listedAsDirectory: true })], "/x": [file("new")] }),
  },
  "a directory that the listing calls a file": {
    tree: () => tree({ "/": [directory("x", { listedAsDirectory: false })], "/x": [file("new")] }),
  },
  "links whose targets are absurd": {
    tree: () => top(link("long", "t".repeat(1 << 20)), link("empty", ""), link("nul", "a\0b"), link("ok", "good")),
    comesBack: ["ok"],
  },
  "a link without a target": { tree: () => top({ name: "x", kind: "symlink" }) },
  "chains and circles of links": {
    tree: () =>
      tree({
        "/": [link("a", "b"), link("b", "a"), link("self", "self"), link("up", ".."), directory("d")],
        "/d": [link("in", "../up"), file("x")],
      }),
    comesBack: ["a", "b", "self", "up", "d"],
  },
  "hard links to what is outside, to directories, to nothing": {
    tree: ({ outside }) =>
      top(
        link("a", `${outside}/kept`, { inode: 7, linkCount: 3 }),
        file("b", "evil", { inode: 7, linkCount: 3 }),
        directory("c", { inode: 7, linkCount: 3 }),
        file("d", "evil", { inode: 7, linkCount: 65_535 }),
        { name: "e", kind: "fifo", inode: 7, linkCount: 2 },
      ),
    comesBack: ["a", "b", "d"],
  },
  "names that one file system takes for the same": {
    tree: () => top(file("Case", "upper"), file("case", "lower"), file(utf8("é"), "one"), file(utf8("é"), "two")),
    comesBack: ["Case", "case", utf8("é"), utf8("é")],
  },
  "control characters everywhere": {
    tree: () =>
      tree({
        "/": [
          file("\u001b[31mred\u001b]0;title\u0007"),
          file("two\nplakar: lines\r"),
          directory("\u001b[2J"),
          link("\u009b1m", "\u001b[1m"),
        ],
        "/\u001b[2J": [file("\b\b\bx"), file("..\u001b"), file("..")],
      }),
    comesBack: ["\u001b[31mred\u001b]0;title\u0007", "two\nplakar: lines\r"],
  },
  "setuid, setgid and owners": {
    tree: () =>
      tree({
        "/": [
          file("suid", "#!", { permissions: 0o4755, userId: 0 }),
          file("sgid", "#!", { permissions: 0o2755, groupId: 0 }),
          file("huge", "x", { userId: 4_294_967_295, groupId: 4_294_967_295 }),
          directory("dir", { permissions: 0o7777, userId: 12_345 }),
          directory("shut", { permissions: 0 }),
        ],
        "/dir": [file("in")],
        "/shut": [file("in")],
      }),
    comesBack: ["suid", "sgid", "dir", "shut"],
  },
  "devices, sockets and FIFOs": {
    tree: () =>
      top(
        { name: "disk", kind: "block-device", attributes: { "trusted.plakar.device": Buffer.from("8:0") } },
        { name: "mem", kind: "character-device", attributes: { "trusted.plakar.device": Buffer.from("1:1") } },
        { name: "bad", kind: "block-device", attributes: { "trusted.plakar.device": Buffer.from("-1:99999999999") } },
        { name: "none", kind: "character-device" },
        { name: "socket", kind: "socket", content: Buffer.from("evil") },
        { name: "fifo", kind: "fifo", content: Buffer.from("evil") },
      ),
    comesBack: ["fifo", "socket"],
  },
  "attributes that are absurd": {
    tree: () =>
      top(
        file("a", "x", { attributes: { "system.posix_acl_access": Buffer.from("not a list") } }),
        file("b", "x", {
          attributes: { ["user.".padEnd(300, "n")]: Buffer.from("x"), "no-namespace": Buffer.from("x") },
        }),
        file("c", "x", { attributes: { "user.large": Buffer.alloc(1 << 20, 1), "user.a\0b": Buffer.from("x") } }),
      ),
  },
  "sizes and times that lie": {
    tree: () =>
      top(
        file("short", "ten bytes!", { sizeBytes: 1_000_000 }),
        file("long", "ten bytes!", { sizeBytes: 3 }),
        file("minus", "x", { sizeBytes: -5 }),
        file("endless", "x", { sizeBytes: Number.MAX_SAFE_INTEGER }),
        file("early", "x", { modifiedNs: -(2n ** 62n) }),
        file("late", "x", { modifiedNs: 2n ** 62n }),
      ),
  },
  "a file without content, and a directory with it": {
    tree: () =>
      tree({ "/": [{ name: "x", kind: "file" }, directory("d", { content: Buffer.from("evil") })], "/d": [] }),
    comesBack: ["d"],
  },
  "a file with children": {
    tree: () => tree({ "/": [file("x", "whole")], "/x": [file("new")] }),
    isTold: true,
    comesBack: ["x"],
  },
  "a directory without a listing": { tree: () => top(directory("lost")) },
  "entries that say they lie elsewhere": {
    tree: ({ outside }) => tree({ "/": [directory("d")], "/d": [file("x", "evil", { parent: outside })] }),
  },
  "a directory whose listing is its own parent's": {
    tree: () =>
      tree({ "/": [directory("a")], "/a": [directory("a", { parent: "/" }), file("x", "x", { parent: "/" })] }),
  },
  "names that climb, in a snapshot without listings": {
    tree: () => named("../../outside/evil"),
    withoutListings: true,
    ...whole,
  },
  "a link with children, in a snapshot without listings": {
    tree: ({ outside }) =>
      tree({
        "/": [link("l", outside), directory("d")],
        "/l": [file("kept", "evil"), file("new")],
        "/d": [file("in")],
      }),
    withoutListings: true,
    ...whole,
  },
  "the same name a thousand times": {
    tree: () => top(...Array.from({ length: 1000 }, (_, index) => file("same", `content ${index}`))),
  },
  "three thousand directories in each other": { tree: () => chain(3000), comesBack: ["d"] },
};
