/** Where the time of a command goes: the profiles of all its threads, put together by what is being done. */
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The part of V8's CPU profile that is looked at (Chrome DevTools protocol, `Profiler.Profile`). */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface Stage {
  readonly name: string;
  /** Of all threads together. */
  readonly ms: number;
}

const root = resolve(import.meta.dirname, "../..");

/** Runs this program from its sources and tells the stages that took most, the longest first. */
export function profile(words: readonly string[], env: Readonly<Record<string, string>>): Stage[] {
  const folder = mkdtempSync(join(tmpdir(), "profile-"));
  try {
    const options = ["--disable-warning=ExperimentalWarning", "--cpu-prof", "--cpu-prof-dir", folder];
    execFileSync(process.execPath, [...options, join(root, "src/main.ts"), ...words], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const total = new Map<string, number>();
    for (const file of globSync("*.cpuprofile", { cwd: folder }))
      for (const [name, ms] of stagesOf(JSON.parse(readFileSync(join(folder, file), "utf8")) as CpuProfile))
        total.set(name, (total.get(name) ?? 0) + ms);
    return [...total].map(([name, ms]) => ({ name, ms })).toSorted((a, b) => b.ms - a.ms);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function stagesOf({ nodes, samples, timeDeltas }: CpuProfile): Map<string, number> {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, stageName(callFrame)]));
  const ms = new Map<string, number>();
  for (const [at, sample] of samples.entries()) {
    const name = names.get(sample) ?? "";
    ms.set(name, (ms.get(name) ?? 0) + (timeDeltas[at] ?? 0) / 1000);
  }
  return ms;
}

/** A file of ours, a kernel, or what Node does. */
function stageName({ functionName, url }: { readonly functionName: string; readonly url: string }): string {
  if (url.startsWith("wasm:")) return `kernel ${functionName.replace(/^.*\//, "")}`;
  if (url.startsWith("file:")) return fileURLToPath(url).slice(root.length + 1);
  return `node ${url === "" ? functionName : `${url.replace("node:", "")} ${functionName}`}`;
}
