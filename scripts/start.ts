// `npm start`: the whole way once, on a real directory, through the real command line, with every step said aloud.
import { spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const project = join(import.meta.dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "plakar-start-"));
const store = join(scratch, "store");
const restored = join(scratch, "restored");
const source = process.argv[2] ?? join(project, "src");

/** Runs one command as a user would, and shows what it printed. */
function plakar(...words: string[]): string {
  process.stdout.write(`\n$ plakar ${words.join(" ").replaceAll(scratch, "$TMP")}\n`);
  const started = performance.now();
  const run = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(project, "src", "main.ts"), ...words],
    {
      encoding: "utf8",
      // A passphrase in the environment, and a home of its own: nothing of yours is read or changed.
      env: {
        ...process.env,
        PLAKAR_PASSPHRASE: "a passphrase for this demonstration",
        HOME: scratch,
        XDG_CACHE_HOME: "",
      },
    },
  );
  process.stdout.write(run.stdout + run.stderr);
  if (run.status !== 0) throw new Error(`plakar ${words[2]} ended with ${run.status}`);
  process.stdout.write(`  (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
  return run.stdout;
}

interface Item {
  readonly path: string;
  readonly described: string;
}

/** Every item below a directory with type, mode, owner, time and content. */
function describe(directory: string, below = ""): Item[] {
  const items: Item[] = [];
  for (const name of readdirSync(join(directory, below)).toSorted()) {
    const path = join(below, name);
    const full = join(directory, path);
    const stat = lstatSync(full, { bigint: true });
    const content = stat.isFile()
      ? readFileSync(full).toString("latin1")
      : stat.isSymbolicLink()
        ? readlinkSync(full)
        : "";
    items.push({ path, described: [stat.mode, stat.uid, stat.gid, stat.mtimeNs, content].join(" ") });
    if (stat.isDirectory()) items.push(...describe(directory, path));
  }
  return items;
}

function sizeOf(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((total, entry) => total + statSync(join(entry.parentPath, entry.name)).size, 0);
}

try {
  process.stdout.write(`Backing up ${source} into an encrypted store, and back again.\n`);
  plakar("at", store, "create");
  plakar("at", store, "backup", source);
  plakar("at", store, "backup", source);
  plakar("at", store, "ls");
  plakar("at", store, "check");
  plakar("at", store, "restore", "-to", restored, "latest");

  const before = describe(source);
  const after = new Map(describe(restored).map(({ path, described }) => [path, described]));
  const different = before.filter(({ path, described }) => after.get(path) !== described);
  if (different.length > 0 || after.size !== before.length) {
    throw new Error(`the restored tree differs, for example at ${different[0]?.path ?? "the number of items"}`);
  }
  const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`;
  process.stdout.write(
    `\nAll ${before.length} items came back with the same content, mode, owner and time.\n` +
      `The source holds ${kilobytes(sizeOf(source))}, the store with two snapshots of it ${kilobytes(sizeOf(store))}.\n`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
