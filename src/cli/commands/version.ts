import { version } from "../../version.ts";
import type { Command } from "../command.ts";

export const versionCommand: Command = {
  name: "version",
  summary: "print the version",
  usage: "version",
  description: ["Prints the version of this program."],
  flags: [],
  examples: [],
  async run({ output }) {
    if (output.json) output.object({ type: "version", version });
    else output.line(`plakar ${version}`);
    return 0;
  },
};
