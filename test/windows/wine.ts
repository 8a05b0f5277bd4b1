import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** The built program for Windows: `npm run build -- --target windows-amd64`. */
const built = join(import.meta.dirname, "..", "..", "dist", "plakar.exe");

/**
 * A root in which wine 10 is installed, as PLAKAR_WINE_ROOT names it (Debian 13: debootstrap, then apt-get install wine
 * wine64; /proc and /dev mounted in it), or this system's own wine.
 */
const root = process.env["PLAKAR_WINE_ROOT"] ?? "";

export interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Why nothing can be tried here; undefined when it can. */
export function noWine(): string | undefined {
  if (!existsSync(built)) return "there is no dist/plakar.exe: npm run build -- --target windows-amd64";
  if (root !== "" && process.geteuid?.() !== 0) return "only root may change into PLAKAR_WINE_ROOT";
  const version = spawnSync("sh", ["-c", inRoot("wine --version")], { encoding: "utf8" }).stdout;
  const [, major = "0"] = /wine-(\d+)/.exec(version) ?? [];
  return Number(major) >= 10
    ? undefined
    : `there is no wine of version 10 or later, on PATH or in PLAKAR_WINE_ROOT (${version.trim() || "none"})`;
}

function inRoot(command: string): string {
  return root === "" ? command : `chroot '${root}' /bin/sh -c '${command}'`;
}

/** A drive C: of its own, with the program on it. */
export class WindowsMachine {
  readonly #prefix = `/tmp/plakar-wine-${process.pid}`;
  readonly #environment = `WINEDEBUG=-all WINEPREFIX=${this.#prefix} WINEDLLOVERRIDES=mscoree,mshtml=`;

  constructor() {
    mkdirSync(join(root, this.#prefix), { recursive: true });
    this.#shell(`${this.#environment} wineboot -i`);
    spawnSync("cp", [built, this.path("plakar.exe")]);
  }

  /** What lies at C:\… here. */
  path(...names: string[]): string {
    return join(root, this.#prefix, "drive_c", ...names);
  }

  /** Gives a drive, `d:`, or a share, `unc/server/share`, a directory of its own; answers where that lies here. */
  attach(name: string): string {
    const path = join(root, this.#prefix, "dosdevices", name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Runs the program; its output goes through files, for pipes of this system are none to it. */
  plakar(...words: string[]): Answer {
    return this.run(`${this.#prefix}/drive_c/plakar.exe`, ...words);
  }

  /** Any program of Windows. */
  run(program: string, ...words: string[]): Answer {
    const quoted = words.map((word) => `"${word.replaceAll("\\", "\\\\")}"`).join(" ");
    const files = `>${this.#prefix}/out 2>${this.#prefix}/err </dev/null`;
    const code = this.#shell(`${this.#environment} wine ${program} ${quoted} ${files}`);
    const read = (name: string): string => readFileSync(join(root, this.#prefix, name), "utf8");
    const said = read("err")
      .split("\n")
      .filter((line) => !line.includes("XDG_RUNTIME_DIR"));
    return { code, out: read("out"), err: said.join("\n") };
  }

  remove(): void {
    this.#shell(`${this.#environment} wineserver -k; true`);
    rmSync(join(root, this.#prefix), { recursive: true, force: true });
  }

  #shell(command: string): number | null {
    const run = spawnSync("sh", ["-c", inRoot(command)], { stdio: "ignore", timeout: 180_000 });
    return run.status;
  }
}
