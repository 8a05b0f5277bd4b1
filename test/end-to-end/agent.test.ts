import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { programs, Workspace } from "./command-line.ts";

interface Status {
  readonly running: boolean;
  readonly process: number;
  readonly keys: number;
  readonly states: number;
  readonly given: number;
  readonly refused: number;
  readonly locked: boolean;
  readonly private: boolean;
  readonly residentBytes: number;
}

let space: Workspace;

function open(program: string): void {
  space = new Workspace(program);
  mkdirSync(space.path("run"));
  space.plakar("create");
  space.settings = { PLAKAR_AGENT: "on", XDG_RUNTIME_DIR: space.path("run") };
}

function status(): Status {
  return JSON.parse(space.bare("agent", "-json").out) as Status;
}

/** The agent that the last command has left: it starts while nobody waits for it. */
async function agentOf(holds: Partial<Status> = { keys: 1 }): Promise<Status> {
  for (;;) {
    const now = status();
    if (Object.entries(holds).every(([name, value]) => now[name as keyof Status] === value)) return now;
    await pause(20);
  }
}

/** Agents at this workspace, be they only starting. */
function agents(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && wordsOf(name).includes(space.path("run")))
    .map(Number);
}

function wordsOf(process: string): string {
  try {
    return readFileSync(`/proc/${process}/cmdline`, "latin1");
  } catch {
    return ""; // it has ended
  }
}

async function untilNone(): Promise<void> {
  while (agents().length > 0) await pause(20);
}

const directory = (): string => space.path("run", `plakar-${process.getuid?.()}`);
const socket = (): string => `${directory()}/agent-1.sock`;

describe.skipIf(process.platform !== "linux").each(Object.keys(programs))("with an agent, %s", (program) => {
  beforeEach(() => open(program));
  afterEach(async () => {
    space.bare("agent", "stop");
    await untilNone();
    space.remove();
  });

  test("leaves the key to the next command, which derives none", async () => {
    expect(space.plakar("ls")).toMatchObject({ code: 0, err: "" });
    await agentOf({ keys: 1, given: 0 });
    expect(space.plakar("ls")).toMatchObject({ code: 0, err: "" });
    expect(status()).toMatchObject({ given: 1, refused: 0 });
    expect(space.plakar("backup", import.meta.dirname)).toMatchObject({ code: 0, err: "" });
    expect(status()).toMatchObject({ given: 2, refused: 0 });
  });

  test("refuses a wrong passphrase with 77, and none at all", async () => {
    space.plakar("ls");
    await agentOf();
    const right = space.passphrase;
    space.passphrase = "a wrong passphrase";
    expect(space.plakar("ls")).toMatchObject({ code: 77, out: "" });
    expect(status()).toMatchObject({ given: 0, refused: 1 });
    space.passphrase = undefined;
    expect(space.plakar("ls")).toMatchObject({ code: 77, out: "" });
    space.passphrase = right;
    expect(space.plakar("ls").code).toBe(0);
  });

  test("leaves none with a wrong passphrase", () => {
    space.passphrase = "a wrong passphrase";
    expect(space.plakar("ls").code).toBe(77);
    expect(agents()).toStrictEqual([]);
  });

  test("never lets whoever reads its output wait for the agent", async () => {
    const { command, environment } = space.invocation("ls");
    const words = command.map((word) => `'${word}'`).join(" ");
    // as a shell, a build server and a test runner have it: pipes at every number
    const script = `${words} | cat; ${words} 3>&1 9>&1 60>&1 | cat; ${words} >/dev/null 2>&1 </dev/null; echo end`;
    const run = spawnSync("bash", ["-c", script], { env: environment, encoding: "utf8", timeout: 100_000 });
    expect(run).toMatchObject({ status: 0, stderr: "", stdout: "end\n" });
    const { process: id } = await agentOf();
    expect(agents()).toStrictEqual([id]);
  });

  test("starts an agent without our directory, environment, input or output", async () => {
    space.plakar("ls");
    const { process: id } = await agentOf();
    const about = (name: string): string => `/proc/${id}/${name}`;
    expect(wordsOf(String(id))).not.toContain("passphrase");
    // nobody but root may look further
    if (process.getuid?.() !== 0) return;
    expect(readlinkSync(about("cwd"))).toBe("/");
    expect(readFileSync(about("environ"), "latin1")).toBe("");
    for (const number of [0, 1, 2]) expect(readlinkSync(about(`fd/${number}`))).toBe("/dev/null");
  });

  test("starts an agent that the system guards", async () => {
    space.plakar("ls");
    const { process: id, locked, private: isPrivate, residentBytes } = await agentOf();
    expect({ locked, isPrivate }).toStrictEqual({ locked: true, isPrivate: true });
    expect(readFileSync(`/proc/${id}/status`, "latin1")).toMatch(/^VmLck:\s+[1-9]\d* kB$/m);
    expect(statSync(`/proc/${id}/maps`).uid).toBe(0); // not of the user any more
    expect(residentBytes).toBeLessThan(120e6);
    expect(statSync(directory()).mode & 0o777).toBe(0o700);
    expect(statSync(socket()).mode & 0o777).toBe(0o600);
  });
});

describe.skipIf(process.platform !== "linux")("an agent", () => {
  beforeEach(() => open("dist/plakar"));
  afterEach(async () => {
    space.bare("agent", "stop");
    await untilNone();
    space.remove();
  });

  test.each([
    ["-no-agent", ["-no-agent"], {}],
    ["PLAKAR_AGENT=off", [], { PLAKAR_AGENT: "off" }],
  ])("is not asked and not started with %s", async (_, words, settings) => {
    const usual = space.settings;
    space.settings = { ...usual, ...settings };
    expect(space.plakar("ls", ...words)).toMatchObject({ code: 0, err: "" });
    expect(agents()).toStrictEqual([]);
    expect(existsSync(directory())).toBe(false);
    space.settings = usual;
    space.plakar("ls");
    await agentOf();
    space.settings = { ...usual, ...settings };
    expect(space.plakar("ls", ...words).code).toBe(0);
    expect(status()).toMatchObject({ given: 0 });
  });

  test("is not guessed about: PLAKAR_AGENT is on or off", () => {
    space.settings = { ...space.settings, PLAKAR_AGENT: "no" };
    expect(space.plakar("ls")).toMatchObject({ code: 2, out: "" });
    expect(agents()).toStrictEqual([]);
  });

  test("is not needed for a store without a key", () => {
    space.passphrase = undefined;
    space.bare("at", space.path("plain"), "create", "-plaintext");
    expect(space.bare("at", space.path("plain"), "ls").code).toBe(0);
    expect(agents()).toStrictEqual([]);
    expect(existsSync(directory())).toBe(false);
  });

  test("that was killed is replaced", async () => {
    space.plakar("ls");
    const { process: killed } = await agentOf();
    process.kill(killed, "SIGKILL");
    await untilNone();
    expect(existsSync(socket())).toBe(true);
    expect(space.plakar("ls")).toMatchObject({ code: 0, err: "" });
    expect((await agentOf()).process).not.toBe(killed);
  });

  test("that does not answer is done without", async () => {
    space.plakar("ls");
    const { process: stopped } = await agentOf();
    process.kill(stopped, "SIGSTOP");
    expect(space.plakar("ls")).toMatchObject({ code: 0, err: "" });
    expect(agents()).toStrictEqual([stopped]);
    process.kill(stopped, "SIGCONT");
  });

  test("is one, when twelve commands start at once", async () => {
    const { command, environment } = space.invocation("ls");
    const [program = "", ...words] = command;
    const ends = Array.from({ length: 12 }, () => {
      const child = spawn(program, words, { env: environment, stdio: "ignore" });
      return new Promise<number | null>((resolve) => child.on("exit", resolve));
    });
    expect(await Promise.all(ends)).toStrictEqual(Array.from({ length: 12 }, () => 0));
    const { process: id } = await agentOf();
    while (agents().length > 1) await pause(20);
    expect(agents()).toStrictEqual([id]);
    expect(readdirSync(directory()).toSorted()).toStrictEqual(["agent-1.lock", "agent-1.sock"]);
  });

  test("does not give the key of one CONFIG for another", async () => {
    space.plakar("ls");
    await agentOf();
    rmSync(space.store, { recursive: true });
    space.settings = { ...space.settings, PLAKAR_AGENT: "off" };
    space.plakar("create");
    space.settings = { ...space.settings, PLAKAR_AGENT: "on" };
    expect(space.plakar("ls")).toMatchObject({ code: 0, err: "" });
    expect(await agentOf({ keys: 2 })).toMatchObject({ given: 0 });
  });

  test("keeps the merged states, too, where no cache can be written", async () => {
    space.settings = { ...space.settings, XDG_CACHE_HOME: "/proc" };
    expect(space.plakar("backup", import.meta.dirname)).toMatchObject({ code: 0, err: "" });
    await agentOf({ keys: 1, states: 0 });
    expect(space.plakar("ls")).toMatchObject({ code: 0, err: "" });
    expect(status()).toMatchObject({ states: 1 });
    expect(space.plakar("check")).toMatchObject({ code: 0, err: "" });
    expect(space.plakar("ls").out.split("\n")).toHaveLength(2);
  });

  test("forgets at once when it is told to, and when its directory is removed or it is terminated", async () => {
    space.plakar("ls");
    await agentOf();
    expect(space.bare("agent", "stop")).toMatchObject({ code: 0, err: "the agent has forgotten all keys\n" });
    await untilNone();
    expect(space.bare("agent")).toMatchObject({ code: 0, out: "no agent is running\n" });
    space.plakar("ls");
    process.kill((await agentOf()).process, "SIGTERM");
    await untilNone();
    expect(existsSync(socket())).toBe(false);
    space.plakar("ls");
    await agentOf();
    rmSync(directory(), { recursive: true });
    await untilNone();
  });

  test("is done without where there is no place for it", () => {
    space.settings = { ...space.settings, XDG_RUNTIME_DIR: "/proc", TMPDIR: "/proc" };
    expect(space.plakar("ls")).toMatchObject({ code: 0, err: "" });
    space.settings = { ...space.settings, XDG_RUNTIME_DIR: space.path("run"), TMPDIR: "/proc" };
    mkdirSync(directory());
    chmodSync(directory(), 0o755);
    expect(space.plakar("ls")).toMatchObject({ code: 0, err: "" });
    expect(agents()).toStrictEqual([]);
  });
});
