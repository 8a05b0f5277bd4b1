import { removeSnapshots, selectSnapshots } from "../../operations/index.ts";
import type { Command } from "../command.ts";
import { filterFlags, filterOf, isFiltered, refuseFilterBeside } from "../filter-flags.ts";
import { withRepository } from "../store.ts";

export const rmCommand: Command = {
  name: "rm",
  summary: "remove snapshots",
  usage: "rm SNAPSHOT... | rm [-apply] FILTER...",
  description: [
    "Makes snapshots invisible. Space is freed later, by maintenance. What is named is removed; what flags choose is shown, and",
    "removed with -apply.",
  ],
  flags: [{ name: "apply", kind: "boolean", help: "remove what the flags choose" }, ...filterFlags],
  examples: [
    ["plakar rm b2c70a17", "Remove one snapshot."],
    ["plakar rm -before 90d -tag '!keep'", "See what would be removed."],
  ],
  run: (context) =>
    withRepository(context, async (repository) => {
      const { args, flags, output } = context;
      refuseFilterBeside(args, flags, filterFlags, "rm");
      const filtered = isFiltered(flags);
      const targets = filtered
        ? await selectSnapshots(repository, { filter: filterOf(flags), latest: flags.is("latest") })
        : args;
      const isTrial = filtered && !flags.is("apply");
      const ids = isTrial ? targets : await removeSnapshots(repository, { targets });
      for (const id of ids) {
        if (output.json) output.object({ type: isTrial ? "would-remove" : "removed", snapshot: id });
        else output.line(`${id.slice(0, 8)}: ${isTrial ? "would be removed" : "removed"}`);
      }
      if (isTrial) output.message("Nothing was removed: say -apply to do it.");
      return 0;
    }),
};
