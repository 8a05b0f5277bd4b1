import { removeSnapshots } from "../../operations/index.ts";
import type { Command } from "../command.ts";
import { withRepository } from "../store.ts";

export const rmCommand: Command = {
  name: "rm",
  summary: "remove snapshots",
  usage: "rm SNAPSHOT...",
  description: ["Makes snapshots invisible. Space is freed later, by maintenance."],
  flags: [{ name: "apply", kind: "boolean", help: "accepted: what is named is removed" }],
  examples: [["plakar rm b2c70a17", "Remove one snapshot."]],
  run: (context) =>
    withRepository(context, async (repository) => {
      for (const id of await removeSnapshots(repository, { targets: context.args })) {
        if (context.output.json) context.output.object({ type: "removed", snapshot: id });
        else context.output.line(`${id.slice(0, 8)}: removed`);
      }
      return 0;
    }),
};
