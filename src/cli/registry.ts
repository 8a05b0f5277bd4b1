import type { Registry } from "./command.ts";

/** Names and summaries, so that help needs no command's module. */
export const registry: Registry = {
  agent: {
    summary: "show or stop what keeps keys for half a minute",
    load: async () => (await import("./commands/agent.ts")).agentCommand,
  },
  backup: {
    summary: "take a snapshot of files and directories",
    load: async () => (await import("./commands/backup.ts")).backupCommand,
  },
  cat: {
    summary: "write a file of a snapshot to standard output",
    load: async () => (await import("./commands/cat.ts")).catCommand,
  },
  check: {
    summary: "verify that everything is in the store and sound",
    load: async () => (await import("./commands/check.ts")).checkCommand,
  },
  create: { summary: "make a new store", load: async () => (await import("./commands/create.ts")).createCommand },
  diag: {
    summary: "show what lies inside a store",
    load: async () => (await import("./commands/diag.ts")).diagCommand,
  },
  diff: {
    summary: "compare two snapshots, or parts of them",
    load: async () => (await import("./commands/diff.ts")).diffCommand,
  },
  digest: {
    summary: "print digests of files in a snapshot",
    load: async () => (await import("./commands/digest.ts")).digestCommand,
  },
  du: {
    summary: "show how large directories of a snapshot are",
    load: async () => (await import("./commands/du.ts")).duCommand,
  },
  help: { summary: "explain a command", load: async () => (await import("./commands/help.ts")).helpCommand },
  info: {
    summary: "describe the store or a snapshot",
    load: async () => (await import("./commands/info.ts")).infoCommand,
  },
  locate: {
    summary: "find files in snapshots by name",
    load: async () => (await import("./commands/locate.ts")).locateCommand,
  },
  ls: { summary: "list snapshots, or what is in one", load: async () => (await import("./commands/ls.ts")).lsCommand },
  restore: {
    summary: "restore files and directories",
    load: async () => (await import("./commands/restore.ts")).restoreCommand,
  },
  rm: { summary: "remove snapshots", load: async () => (await import("./commands/rm.ts")).rmCommand },
  tag: {
    summary: "add tags to a snapshot, or take them away",
    load: async () => (await import("./commands/tag.ts")).tagCommand,
  },
  version: { summary: "print the version", load: async () => (await import("./commands/version.ts")).versionCommand },
};

/** Commands that work on a store. */
export const storeCommands: readonly string[] = Object.keys(registry).filter(
  (name) => name !== "help" && name !== "version",
);

/** Commands of the Go implementation that are not here yet. */
export const comingCommands: readonly string[] = [
  "archive",
  "clone",
  "destination",
  "dup",
  "maintenance",
  "mount",
  "pkg",
  "policy",
  "prune",
  "ptar",
  "repair",
  "scheduler",
  "server",
  "source",
  "store",
  "sync",
  "ui",
];

/** Commands for the vendor's cloud: this program talks to nobody but the store. */
export const cloudCommands: readonly string[] = ["login", "logout", "service", "token"];
