import { isPlakarError } from "../../foundation/index.ts";
import { readFile } from "../../operations/index.ts";
import type { Command } from "../command.ts";
import { ExitCode, exitCodeOf } from "../exit-codes.ts";
import { usageError } from "../parse.ts";
import { withRepository } from "../store.ts";

export const catCommand: Command = {
  name: "cat",
  summary: "write a file of a snapshot to standard output",
  usage: "cat SNAPSHOT:PATH...",
  description: [
    "Writes files one after the other. Every part is verified before it is written; damage ends the file with exit code 65.",
  ],
  flags: [],
  examples: [["plakar cat latest:/etc/fstab", "Show a file as it was."]],
  run: (context) =>
    withRepository(context, async (repository) => {
      const { args, output, signal } = context;
      if (args.length === 0) throw usageError("cat wants SNAPSHOT:PATH", "See: plakar help cat");
      if (output.json)
        throw usageError("-json and what is in files cannot both go to standard output", "Leave -json away.");
      let code: number = ExitCode.done;
      for (const target of args) {
        try {
          for await (const part of readFile(repository, target, { signal })) {
            output.bytes(part);
            // as cat(1), which a signal ends: whoever wanted it whole must learn that it is not
            if (output.readerIsGone) return ExitCode.failed;
          }
        } catch (error) {
          // The other files are still wanted; damage outweighs what is merely not there.
          if (!isPlakarError(error) || error.kind === "interrupted" || args.length === 1) throw error;
          output.error(error);
          code = Math.max(code, exitCodeOf(error));
        }
      }
      return code;
    }),
};
