import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ScriptError } from "../../support/script-error.ts";
import type { Installed } from "./client.ts";

/** The installed program is the one that was released, and does what it is for. */
export async function prove({ root, start }: Installed, version: string): Promise<void> {
  const room = root === "" ? tmpdir() : join(root, "tmp");
  mkdirSync(room, { recursive: true });
  const outside = mkdtempSync(join(room, "proof-"));
  const inside = outside.slice(root.length);
  const content = `what is to be saved, ${"at some length, ".repeat(1000)}`;
  mkdirSync(join(outside, "data"));
  writeFileSync(join(outside, "data/file"), content);
  const done = async (...words: string[]): Promise<string> => {
    const { status, output } = await start(...words);
    if (status !== 0)
      throw new ScriptError(`release: the installed program fails: plakar ${words.join(" ")}: ${status}\n${output}`);
    return output;
  };
  const said = (await done("version")).trim();
  if (said !== `plakar ${version}`) throw new ScriptError(`release: what was installed is "${said}", not ${version}`);
  await done("at", `${inside}/store`, "create");
  await done("at", `${inside}/store`, "backup", `${inside}/data`);
  await done("at", `${inside}/store`, "check");
  await done("at", `${inside}/store`, "restore", "-to", `${inside}/back`, "latest");
  if (readFileSync(join(outside, "back/file"), "utf8") !== content)
    throw new ScriptError("release: the installed program restores other bytes than it saved");
  rmSync(outside, { recursive: true });
}
