/* What only runs elsewhere is linted here: workflows, the image, and scripts that run on systems we never see. */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { installScript } from "../../packaging/install/index.ts";
import { fetchLinters } from "./support/linters.ts";
import { missing, project } from "./support/made.ts";

const workflows = globSync(".github/workflows/*.yml", { cwd: project }).toSorted();
const textOf = (path: string): string => readFileSync(join(project, path), "utf8");

function lint(program: string, words: readonly string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd: project, encoding: "utf8" });
  return { status, said: stdout + (status === 0 ? "" : stderr) };
}

const notHere = process.platform === "linux" && process.arch === "x64" ? [] : ["Linux on x86-64"];

describe("workflows", () => {
  test("there are three of them", () => {
    expect(workflows.map((path) => path.replace(/.*\//, ""))).toStrictEqual([
      "check.yml",
      "nightly.yml",
      "release.yml",
    ]);
  });

  test.each(workflows)("%s pins every action by the hash of a commit, and begins with no right to write", (path) => {
    const text = textOf(path);
    const uses = [...text.matchAll(/\buses: *(.*)$/gm)].map(([, what]) => what);
    expect(uses.length).toBeGreaterThan(0);
    for (const what of uses) expect(what).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    expect(text).toMatch(/^permissions:(?: \{\}|\n {2}contents: read\n)/m);
  });

  test.each(workflows)("%s only starts what is in the scripts of the project", (path) => {
    for (const [, command = ""] of textOf(path).matchAll(/^ *- run: (.*)$/gm))
      expect(command).toMatch(
        /^(?:npm ci|npm run [\w:-]+(?: -- .*)?|(?:sudo )?\.ci\/(?:run|install-tools)(?: full)?)$/,
      );
  });

  test("zizmor finds nothing", (context) => {
    const lacking = [...notHere, ...missing("python3")];
    context.skip(lacking.length > 0, `needs ${lacking.join(", ")}`);
    expect(lint(join(fetchLinters(), "zizmor"), ["--offline", "--quiet", ...workflows])).toMatchObject({ status: 0 });
  });
});

test("hadolint finds nothing in the Dockerfile", (context) => {
  const lacking = [...notHere, ...missing("python3")];
  context.skip(lacking.length > 0, `needs ${lacking.join(", ")}`);
  expect(lint(join(fetchLinters(), "hadolint"), ["Dockerfile"])).toStrictEqual({ status: 0, said: "" });
});

test("shellcheck finds nothing in what runs on other systems", (context) => {
  const lacking = missing("shellcheck");
  context.skip(lacking.length > 0, `needs ${lacking.join(", ")}, which this machine has not`);
  const folder = mkdtempSync(join(tmpdir(), "plakar-shellcheck-"));
  try {
    const install = join(folder, "install.sh");
    writeFileSync(install, filledInstallScript());
    const scripts = [
      ...["deb/postinst", "deb/postrm", "deb/prerm", "rpm/post", "rpm/postun", "rpm/preun", "linux/launcher.sh"],
    ].map((path) => `packaging/${path}`);
    expect(lint("shellcheck", ["--shell", "sh", install, ...scripts, ".ci/run", ".ci/install-tools"])).toStrictEqual({
      status: 0,
      said: "",
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function filledInstallScript(): string {
  return installScript({
    ...{
      version: "1.2.3",
      suite: "stable",
      repositories: "https://packages.example",
      downloads: "https://downloads.example",
    },
    pgpKey: Buffer.from("a key"),
    apkKey: { name: "plakar.rsa.pub", content: Buffer.from("a key") },
    archives: `${"a".repeat(64)}  plakar_1.2.3_linux_amd64.tar.gz\n`,
  });
}
