import { toDisplay } from "../../foundation/index.ts";
import { locate } from "../../operations/index.ts";
import type { Command } from "../command.ts";
import { filterFlags, filterOf, refuseFilterBeside } from "../filter-flags.ts";
import { usageError } from "../parse.ts";
import { withRepository } from "../store.ts";

const NOTHING_FOUND = 1;

export const locateCommand: Command = {
  name: "locate",
  summary: "find files in snapshots by name",
  usage: "locate [flags] PATTERN...",
  description: [
    "Prints SNAPSHOT:PATH for every item whose whole name matches a shell pattern (`*`, `?`, `[a-z]`), newest snapshot first. A",
    "pattern with a slash is matched with the whole path, where `**` goes over slashes. Exit code 1 when nothing is found.",
  ],
  flags: [
    { name: "snapshot", kind: "text", value: "SNAPSHOT", help: "only in this snapshot" },
    ...filterFlags,
    { name: "i", kind: "boolean", help: "upper and lower case are the same" },
  ],
  examples: [
    ["plakar locate '*.conf'", "Every file of that ending, in every snapshot."],
    ["plakar locate -snapshot latest '/home/**/notes*'", "By path, in the newest one."],
  ],
  run: (context) =>
    withRepository(context, async (repository) => {
      const { args, flags, output, signal } = context;
      if (args.length === 0) throw usageError("locate wants a pattern", "See: plakar help locate");
      const snapshot = flags.text("snapshot");
      refuseFilterBeside(snapshot === "" ? [] : [snapshot], flags, filterFlags, "locate");
      let found = false;
      for await (const each of locate(repository, {
        patterns: args,
        ...(snapshot !== "" && { snapshot }),
        ignoreCase: flags.is("i"),
        filter: filterOf(flags),
        latest: flags.is("latest"),
        signal,
      })) {
        found = true;
        if (output.readerIsGone) break;
        const path = toDisplay(each.path);
        if (output.json) output.object({ type: "located", snapshot: each.snapshot, path, directory: each.isDirectory });
        else output.line(`${each.snapshot.slice(0, 8)}:${path}`);
      }
      return found ? 0 : NOTHING_FOUND;
    }),
};
