import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { project } from "./made.ts";

/** The folder with the programs of linters.txt, which is fetched the first time. */
export function fetchLinters(): string {
  const folder = join(project, ".cache/linters-1");
  if (existsSync(folder)) return folder;
  mkdirSync(join(project, ".cache"), { recursive: true });
  const unfinished = mkdtempSync(join(project, ".cache/linters-"));
  try {
    const list = join(import.meta.dirname, "linters.txt");
    const options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", unfinished];
    execFileSync("python3", ["-m", "pip", "download", ...options, "--requirement", list], { stdio: "pipe" });
    for (const wheel of globSync(join(unfinished, "*.whl")))
      execFileSync("python3", ["-m", "zipfile", "-e", wheel, unfinished]);
    const programs = globSync(join(unfinished, "*.data/scripts/*"));
    execFileSync("chmod", ["755", ...programs]);
    execFileSync("mv", [...programs, unfinished]);
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}
