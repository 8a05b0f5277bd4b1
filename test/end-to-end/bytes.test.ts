import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { programs, Workspace } from "./command-line.ts";

/** No UTF-8, and between the stray bytes some that is. */
const odd = Buffer.concat([Buffer.from([0xff]), Buffer.from("ü"), Buffer.from([0x80])]);

function within(directory: string | Buffer, ...names: readonly (string | Buffer)[]): Buffer {
  const parts = [directory, ...names].flatMap((name) => [Buffer.from("/"), Buffer.from(name)]).slice(1);
  return Buffer.concat(parts);
}

describe.skipIf(process.platform !== "linux").each(Object.keys(programs))(
  "arguments that are not UTF-8, with %s",
  (program) => {
    const workspace = new Workspace(program);
    workspace.passphrase = undefined; // its stores are plaintext
    const tree = within(workspace.directory, "tree", odd);
    const store = within(workspace.directory, odd, "store");
    const target = within(workspace.directory, "target", odd);

    beforeAll(() => {
      mkdirSync(tree, { recursive: true });
      mkdirSync(join(workspace.directory, "target"));
      writeFileSync(within(tree, odd), "named in bytes");
      writeFileSync(within(workspace.directory, "tree", "beside"), "not asked for");
    });
    afterAll(() => workspace.remove());

    test("name a store, a source, a target and a path in a snapshot", () => {
      expect(workspace.inBytes(["at", store, "create", "-plaintext"])).toMatchObject({ code: 0, out: "" });
      expect(existsSync(within(store, "CONFIG"))).toBe(true);
      expect(workspace.inBytes(["at", store, "backup", tree])).toMatchObject({ code: 0, err: "" });
      const cat = workspace.inBytes(["at", store, "cat", Buffer.concat([Buffer.from("latest:"), within(tree, odd)])]);
      expect(cat).toEqual({ code: 0, out: "named in bytes", err: "" });
      const list = workspace.inBytes(["at", store, "ls", Buffer.concat([Buffer.from("latest:"), tree])]);
      expect(list.out).toContain(String.raw`\xff\xc3\xbc\x80`);
      const restored = workspace.inBytes(["at", store, "restore", "-to", target, "latest"]);
      expect(restored).toMatchObject({ code: 0, err: "" });
      expect(readFileSync(within(target, odd), "utf8")).toBe("named in bytes");
    });

    test("are relative to a working directory that is not UTF-8 either", () => {
      const run = workspace.inBytes(["at", store, "backup", odd], tree);
      expect(run).toMatchObject({ code: 0, err: "" });
      const cat = workspace.inBytes(["at", store, "cat", Buffer.concat([Buffer.from("latest:"), within(tree, odd)])]);
      expect(cat.out).toBe("named in bytes");
    });
  },
);
