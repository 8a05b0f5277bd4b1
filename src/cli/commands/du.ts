import { formatSize, toDisplay } from "../../foundation/index.ts";
import { usageOf } from "../../operations/index.ts";
import type { Command } from "../command.ts";
import { withRepository } from "../store.ts";

const SIZE_WIDTH = 9;

export const duCommand: Command = {
  name: "du",
  summary: "show how large directories of a snapshot are",
  usage: "du [flags] [SNAPSHOT[:PATH]...]",
  description: [
    "Prints the logical size of every directory with all that is below it, each after those in it. The numbers are kept in",
    "the snapshot: nothing is read but them.",
  ],
  flags: [
    { name: "depth", kind: "number", value: "N", help: "only directories at most so deep below" },
    { name: "s", kind: "boolean", help: "only the total" },
    { name: "bytes", kind: "boolean", help: "in bytes" },
  ],
  examples: [["plakar du -depth 1 latest:/home", "Who has how much."]],
  run: (context) =>
    withRepository(context, async (repository) => {
      const { args, flags, output, signal } = context;
      const maxDepth = flags.is("s") ? 0 : flags.number("depth");
      for (const target of args.length > 0 ? args : [""]) {
        for await (const usage of usageOf(repository, target, {
          ...(maxDepth !== undefined && { maxDepth }),
          signal,
        })) {
          if (output.readerIsGone) return 0;
          const path = toDisplay(usage.path);
          if (output.json) output.object({ type: "usage", ...usage, path });
          else {
            const size = flags.is("bytes") ? String(usage.sizeBytes) : formatSize(usage.sizeBytes);
            output.line(`${size.padStart(SIZE_WIDTH)}  ${path}`);
          }
        }
      }
      return 0;
    }),
};
