import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { noWine, WindowsMachine } from "../windows/wine.ts";
import { digestOf, makePackages, missing } from "./support/made.ts";

test("the installer for Windows asks nothing, installs what runs, and takes it away again", async (context) => {
  const lack = missing("makensis").length > 0 ? "needs makensis, which this machine has not" : noWine();
  context.skip(lack !== undefined, lack);
  const folder = mkdtempSync(join(tmpdir(), "plakar-installer-"));
  const wish = { version: "0.0.12", target: "windows-amd64", only: ["installer"] };
  const [installer = ""] = makePackages({ ...wish, to: join(folder, "first") });
  const [again = ""] = makePackages({ ...wish, to: join(folder, "again"), env: { TZ: "Pacific/Auckland" } });
  expect(digestOf(again)).toBe(digestOf(installer));

  const machine = new WindowsMachine();
  try {
    copyFileSync(installer, machine.path("setup.exe"));
    expect(machine.run("C:/setup.exe", "/S", "/D=C:\\installed").code).toBe(0);
    expect(readFileSync(machine.path("installed/LICENSE"), "utf8")).toContain("Permission to use");
    expect(machine.run("C:/installed/plakar.exe", "version").out.trim()).toBe("plakar 0.0.12");
    // it leaves the work to a copy of itself, which can take its folder away
    expect(machine.run("C:/installed/uninstall.exe", "/S").code).toBe(0);
    await vi.waitUntil(() => !existsSync(machine.path("installed")), { timeout: 60_000 });
  } finally {
    machine.remove();
    rmSync(folder, { recursive: true });
  }
});
