import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { commandHelp, manual, overview, overviewManual } from "../../../src/cli/help.ts";
import { globalFlags } from "../../../src/cli/parse.ts";
import { registry } from "../../../src/cli/registry.ts";

const commands = await Promise.all(
  Object.entries(registry).map(async ([name, each]) => ({ name, ...each, command: await each.load() })),
);
const reason = spawnSync("groff", ["--version"]).status === 0 ? undefined : "needs groff, which this machine has not";

describe("help", () => {
  test("lists every command with what it does", () => {
    for (const { name, summary } of commands) expect(overview(registry)).toContain(`  ${name.padEnd(9)}${summary}`);
  });

  test.each(commands)(
    "explains $name with every flag of it, in lines that fit a terminal",
    ({ name, summary, command }) => {
      expect(command.name).toBe(name);
      expect(command.summary).toBe(summary);
      const lines = commandHelp(command).split("\n");
      expect(lines[0]).toMatch(new RegExp(`^usage: plakar \\[at STORE\\] ${name}`));
      for (const flag of [...command.flags, ...globalFlags.filter((each) => each.name !== "h")])
        expect(lines.filter((line) => line.startsWith(`  -${flag.name} `))).toHaveLength(1);
      expect(lines.filter((line) => line.length > 132)).toStrictEqual([]);
    },
  );
});

describe("manual pages", () => {
  const pages = [
    { name: "plakar", page: overviewManual(registry, "1.2.3") },
    ...commands.map(({ name, command }) => ({ name: `plakar-${name}`, page: manual(command, "1.2.3") })),
  ];

  test.each(pages)("$name(1) has the sections that readers look for", ({ name, page }) => {
    expect(page).toContain(`.TH ${name.toUpperCase().replaceAll("-", "\\-")} 1 "" "plakar 1.2.3"`);
    for (const section of ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"])
      expect(page).toContain(`\n.SH ${section}\n`);
  });

  test("are set without a warning, and show no markup", (context) => {
    context.skip(reason !== undefined, reason);
    for (const { name, page } of pages) {
      const run = spawnSync("groff", ["-man", "-ww", "-Tascii", "-P-c"], { input: page, encoding: "utf8" });
      expect([name, run.stderr]).toStrictEqual([name, ""]);
      expect(run.stdout).not.toMatch(/\\f|^\.[A-Z]/m);
    }
  });
});
