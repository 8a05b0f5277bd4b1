/* Releases that are no trials, one after the other, into the same repositories: only GitHub is a stand-in. */
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeThrowAwayApkKey, makeThrowAwayOpenPgpKey } from "../../../packaging/repositories/index.ts";
import { GithubStandIn } from "../../../scripts/release/github-stand-in.ts";
import { copyProject } from "./support/project-copy.ts";

const someDay = "2026-01-02T03:04:05Z";
let folder = "";
let project = "";
let github: GithubStandIn;
let environment: NodeJS.ProcessEnv = {};

function git(...words: string[]): void {
  const env = { ...process.env, GIT_COMMITTER_DATE: someDay, GIT_AUTHOR_DATE: someDay };
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...words], { cwd: project, env });
}

/** Writes what is new, and commits it. */
function prepare(version: string): void {
  appendFileSync(join(project, "CHANGELOG.md"), `\n## ${version}\n\n- New.\n`);
  git("add", "--all");
  git("commit", "--quiet", "--message", version);
}

function run(script: string, words: readonly string[], env = environment): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...words], {
    ...{ cwd: project, env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code: code ?? 1, output })));
}

const release = (version: string, env = environment): ReturnType<typeof run> =>
  run("test/packages/release/support/real-release.ts", [version], env);

function shown(): string[] {
  return github.releases.filter(({ draft }) => !draft).map(({ tag_name: tag }) => tag);
}

function published(): string {
  return readFileSync(join(folder, "live/apt/dists/stable/main/binary-amd64/Packages"), "utf8");
}

async function writeKeys(name: string): Promise<NodeJS.ProcessEnv> {
  const [pgp, apk] = [join(folder, `${name}.asc`), join(folder, `${name}.pem`)];
  writeFileSync(pgp, await makeThrowAwayOpenPgpKey());
  writeFileSync(apk, makeThrowAwayApkKey());
  return { PLAKAR_RELEASE_PGP_KEY: pgp, PLAKAR_RELEASE_APK_KEY: apk };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-real-"));
  project = copyProject(join(folder, "project"));
  git("init", "--quiet");
  mkdirSync(join(project, ".git/info"), { recursive: true });
  writeFileSync(join(project, ".git/info/exclude"), "node_modules\n.cache\n");
  github = new GithubStandIn(join(folder, "github"), []);
  const { SOURCE_DATE_EPOCH: _, ...inherited } = process.env;
  environment = {
    ...inherited,
    ...(await writeKeys("one")),
    GITHUB_API_URL: await github.start(),
    GITHUB_REPOSITORY: "trial/plakar",
    GITHUB_TOKEN: "trial",
    PLAKAR_RELEASE_REPOSITORIES: "https://packages.example",
    PLAKAR_RELEASE_PUBLISH_TO: join(folder, "live"),
  };
}, 120_000);
afterAll(async () => {
  await github.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a first release is shown, and its packages are live", async () => {
  prepare("0.1.0");
  expect(await release("0.1.0")).toMatchObject({ code: 0 });
  expect(shown()).toStrictEqual(["v0.1.0"]);
  expect(published()).toMatch(/^Version: 0\.1\.0-1$/m);
});

test("the next joins it, though the repositories were renewed after its commit", async () => {
  const renew = ["--renew", "--valid-for", "30", "--release", "--to", join(folder, "live")];
  expect(await run("scripts/repositories.ts", renew)).toMatchObject({ code: 0 });
  prepare("0.1.1");
  expect(await release("0.1.1")).toMatchObject({ code: 0 });
  expect(shown()).toStrictEqual(["v0.1.0", "v0.1.1"]);
  expect(published()).toMatch(/^Version: 0\.1\.0-1$/m);
  expect(published()).toMatch(/^Version: 0\.1\.1-1$/m);
  expect(readFileSync(join(folder, "live/apt/dists/stable/InRelease"), "utf8")).toContain("Valid-Until:");
});

test("what the repositories would refuse is never shown: another key than theirs, an older version", async () => {
  prepare("0.1.2");
  const other = await release("0.1.2", { ...environment, ...(await writeKeys("other")) });
  expect(other.code).not.toBe(0);
  expect(other.output).not.toMatch(/^ +at .*\.ts:\d/m);
  prepare("0.0.9");
  const older = await release("0.0.9");
  expect(older).toMatchObject({ code: 1, output: expect.stringContaining("0.0.9 is not newer than 0.1.1") });
  expect(github.releases.map(({ tag_name: tag }) => tag)).toStrictEqual(["v0.1.0", "v0.1.1"]);
});
