import { version } from "../../version.ts";
import type { Command } from "../command.ts";
import { usageError } from "../parse.ts";

export const versionCommand: Command = {
  name: "version",
  summary: "print the version",
  usage: "version",
  description: ["Prints the version of this program."],
  flags: [],
  examples: [],
  async run({ args, output }) {
    if (args.length > 0) throw usageError("version takes no arguments", "See: plakar help version");
    if (output.json) output.object({ type: "version", version });
    else output.line(`plakar ${version}`);
    return 0;
  },
};
