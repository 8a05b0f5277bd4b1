import { spawnSync } from "node:child_process";
import { join } from "node:path";

export interface Program {
  readonly name: string;
  /** The executable; nothing of it is tried where that is not there. */
  readonly file: string;
  readonly version: () => string;
  readonly environment: Readonly<Record<string, string>>;
  /** Each line in its order: a store, a backup, a restore. */
  readonly commands: (paths: {
    readonly tree: string;
    readonly store: string;
    readonly back: string;
  }) => readonly (readonly string[])[];
}

/** This program, and those that it is compared with: on PATH, and the Go implementation where PLAKAR_ORACLE names it. */
export function programs(): readonly Program[] {
  const ours = join(import.meta.dirname, "..", "..", "dist", "plakar");
  const oracle = process.env["PLAKAR_ORACLE"] ?? "";
  const [restic, borg] = [onPath("restic"), onPath("borg")];
  return [
    { ...plakar("plakar", ours, "latest"), version: () => firstMatch(ours, ["version"]) },
    { ...plakar("Plakar (Go)", oracle), version: () => firstMatch(oracle, ["version"]) },
    {
      name: "restic",
      file: restic,
      version: () => firstMatch(restic, ["version"]),
      environment: { RESTIC_PASSWORD: "password" },
      commands: ({ tree, store, back }) => [
        ["restic", "-r", store, "init"],
        ["restic", "-r", store, "backup", tree],
        ["restic", "-r", store, "restore", "latest", "--target", back],
      ],
    },
    {
      name: "borg",
      file: borg,
      version: () => firstMatch(borg, ["--version"]),
      environment: { BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: "yes" },
      commands: ({ tree, store }) => [
        ["borg", "init", "-e", "none", store],
        ["borg", "create", `${store}::one`, tree],
        ["borg", "extract", "--sparse", "--numeric-ids", `${store}::one`],
      ],
    },
  ];
}

function plakar(name: string, file: string, ...snapshot: string[]): Omit<Program, "version"> {
  return {
    name,
    file,
    environment: {},
    commands: ({ tree, store, back }) => [
      [file, "at", store, "create", "-plaintext"],
      [file, "at", store, "backup", tree],
      [file, "at", store, "restore", "-to", back, ...snapshot],
    ],
  };
}

function onPath(name: string): string {
  return spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
}

function firstMatch(file: string, words: readonly string[]): string {
  const { stdout } = spawnSync(file, words, { encoding: "utf8" });
  return /\d+\.\d+[\w.-]*/.exec(stdout ?? "")?.[0] ?? "";
}
