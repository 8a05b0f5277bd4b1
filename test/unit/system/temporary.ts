import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { fromText, messageOf } from "../../../src/foundation/index.ts";
import { MountFlag, mount, setExtendedAttribute, unmount as unmountDirectory } from "../../../src/system/index.ts";

/** Makes empty directories, open to every user, that are removed after each test. */
export function temporaryDirectories(): () => string {
  const made: string[] = [];
  afterEach(() => {
    for (const directory of made.splice(0)) {
      // directories that nobody may write to
      if (!isRoot) run("chmod", "-R", "u+rwx", directory);
      rmSync(directory, { recursive: true, force: true });
    }
  });
  return () => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), "plakar-unit-")));
    made.push(directory);
    chmodSync(directory, 0o755);
    return directory;
  };
}

export const isRoot: boolean = process.geteuid?.() === 0;

/** Why attributes of a namespace cannot be tested in a directory; undefined when they can. */
export function noAttributes(directory: string, name = "user.probe"): string | undefined {
  const file = join(directory, ".probe");
  writeFileSync(file, "");
  try {
    setExtendedAttribute(fromText(file), fromText(name), new Uint8Array([1]));
    return undefined;
  } catch (error) {
    return `no ${name} here: ${messageOf(error)}`;
  } finally {
    rmSync(file);
  }
}

/** A user that owns nothing. */
const ORDINARY_USER = 65_534;

/**
 * Runs an ES module, given as text, as an ordinary user (as ourselves when we are not root) and answers what it printed
 * as JSON. `argument` is what it finds in `process.argv[1]`.
 */
export function runAsOrdinaryUser(module: string, argument: string): unknown {
  const flags = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", module, "--", argument];
  const identity = isRoot ? { uid: ORDINARY_USER, gid: ORDINARY_USER } : {};
  const done = spawnSync(process.execPath, flags, { ...identity, cwd: "/", encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${done.error?.message ?? ""}${done.stderr}`);
  return JSON.parse(done.stdout) as unknown;
}

/** The address of a module of the project, for modules given as text. */
export function moduleUrl(folder: string): string {
  return new URL(`../../../src/${folder}/index.ts`, import.meta.url).href;
}

/** Makes a directory that the ordinary user owns. */
export function ownedByOrdinaryUser(parent: string, chown: (path: string, id: number) => void): string {
  const directory = join(parent, "own");
  mkdirSync(directory);
  if (isRoot) chown(directory, ORDINARY_USER);
  return directory;
}

function run(command: string, ...argumentList: readonly string[]): string | undefined {
  const done = spawnSync(command, argumentList, { encoding: "utf8" });
  return done.status === 0 ? undefined : `${command} failed: ${done.error?.message ?? done.stderr}`;
}

/** Mounts an empty file system in memory on a directory; answers why it could not. */
export function mountMemory(directory: string, options = "size=8m"): string | undefined {
  const words = options.split(",");
  const data = words.filter((word) => word !== "ro").join(",");
  try {
    mount(fromText("none"), fromText(directory), {
      type: "tmpfs",
      flags: words.includes("ro") ? MountFlag.readOnly : 0,
      data,
    });
    return undefined;
  } catch (error) {
    return `nothing can be mounted here: ${messageOf(error)}`;
  }
}

export function unmount(directory: string): void {
  unmountDirectory(fromText(directory));
}
