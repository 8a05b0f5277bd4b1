import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

const project = join(import.meta.dirname, "..", "..", "..", "..");

/** The project as it is, with what is not committed, in a folder of its own: a release writes into it. */
export function copyProject(to: string): string {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: project,
  });
  for (const file of listed.toString().split("\0").filter(Boolean)) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(project, file), join(to, file), { force: true });
  }
  mkdirSync(join(project, ".cache"), { recursive: true });
  // what is fetched, and stays the same
  for (const name of ["node_modules", ".cache"]) symlinkSync(join(project, name), join(to, name));
  return to;
}
