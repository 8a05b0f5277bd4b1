import { spawn } from "node:child_process";
import { RepositoryError } from "../repository-error.ts";

export interface GitInput {
  readonly input?: Uint8Array;
  /** A file for the index, instead of the one that everybody shares. */
  readonly indexFile?: string;
  /** Who commits, and when. */
  readonly identity?: { readonly name: string; readonly email: string; readonly date: string };
}

/** Runs git in one repository and answers what it prints. Throws a RepositoryError with git's own words. */
export type Git = (words: readonly string[], input?: GitInput) => Promise<Buffer>;

export function openGit(folder: string): Git {
  return (words, { input, ...settings } = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn("git", ["--git-dir", folder, ...words], { env: environment(settings) });
      const output: Buffer[] = [];
      const problems: Buffer[] = [];
      child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => problems.push(chunk));
      child.stdin.on("error", () => {}); // it may end before it has read all; then its exit code says why
      child.on("error", (cause) =>
        reject(new RepositoryError("unavailable", "git cannot be run", "install git", cause)),
      );
      child.on("close", (code) => {
        if (code === 0) resolve(Buffer.concat(output));
        else reject(refusal(words, Buffer.concat(problems).toString().trim()));
      });
      child.stdin.end(input);
    });
}

function environment({ identity, indexFile }: GitInput): NodeJS.ProcessEnv {
  const { name, email, date } = identity ?? {};
  return {
    ...process.env,
    GIT_TERMINAL_PROMPT: "0",
    ...(indexFile !== undefined && { GIT_INDEX_FILE: indexFile }),
    ...(identity !== undefined && {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
      GIT_COMMITTER_DATE: date,
    }),
  };
}

function refusal([command = ""]: readonly string[], problem: string): RepositoryError {
  const [, lock] = /'([^']+\.lock)': File exists/.exec(problem) ?? [];
  if (lock !== undefined)
    return new RepositoryError(
      "busy",
      `git ${command}: ${lock} is there`,
      "wait for who publishes; if nobody does, remove it",
    );
  const isStale = /stale info|fetch first|non-fast-forward|cannot lock ref/.test(problem);
  return isStale
    ? new RepositoryError("busy", `the branch has changed since it was read: ${problem}`, "publish again")
    : new RepositoryError(
        "unavailable",
        `git ${command} failed: ${problem}`,
        "look at the network, the address and the credentials",
      );
}
