/** @yao-pkg/pkg in its SEA mode: https://github.com/yao-pkg/pkg */
import { ScriptError } from "../support/script-error.ts";
import type { MakerJob } from "./maker.ts";

export function pkgMaker(_job: MakerJob): void {
  throw new ScriptError("not yet");
}
