import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";
import { ScriptError } from "./script-error.ts";

const declaration = /^(export const version(?:: string)? = )"[^"]*";$/m;

/** Lets a build answer another version than the one in `version.ts`: what a release is called is decided late. */
export function replaceVersion(version: string): Plugin {
  return {
    name: "replace-version",
    setup(build) {
      let replaced = false;
      build.onLoad({ filter: /\/version\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        replaced ||= declaration.test(source);
        return { contents: source.replace(declaration, `$1${JSON.stringify(version)};`), loader: "ts" };
      });
      build.onEnd(() => {
        if (!replaced) throw new ScriptError('build: no version.ts declares `export const version = "…"`');
      });
    },
  };
}
