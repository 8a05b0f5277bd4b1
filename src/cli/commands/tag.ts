import { changeTags, listSnapshots } from "../../operations/index.ts";
import type { Command, CommandContext } from "../command.ts";
import { usageError } from "../parse.ts";
import { withRepository } from "../store.ts";

export const tagCommand: Command = {
  name: "tag",
  summary: "add tags to a snapshot, or take them away",
  usage: "tag add|rm SNAPSHOT TAG... | tag list",
  description: [
    "Snapshots never change: one with the other tags, and everything else as it was, takes the place of the old one, under",
    "another id. The old one is removed after the new one is safe.",
  ],
  flags: [],
  examples: [
    ["plakar tag add latest keep,release", "Add two tags to the newest snapshot."],
    ["plakar tag rm b2c70a17 keep", "Take one away."],
    ["plakar tag list", "All tags, and how many snapshots have them."],
  ],
  async run(context) {
    const [change, target, ...words] = context.args;
    const tags = words.flatMap((word) => word.split(",")).filter(Boolean);
    if (change === "list" && target === undefined) return listTags(context);
    if ((change !== "add" && change !== "rm") || target === undefined || tags.length === 0)
      throw usageError("tag wants add or rm, a snapshot and tags", "See: plakar help tag");
    const { output } = context;
    const report = await withRepository(context, (repository) => changeTags(repository, { target, change, tags }));
    if (output.json) output.object({ type: "tagged", ...report });
    else {
      const [before, after] = [report.before.slice(0, 8), report.after.slice(0, 8)];
      const now = report.tags.length > 0 ? `tags ${report.tags.join(", ")}` : "no tags";
      output.line(before === after ? `${before}: nothing to do: ${now}` : `${before} -> ${after}: ${now}`);
    }
    return 0;
  },
};

function listTags(context: CommandContext): Promise<number> {
  const { output } = context;
  return withRepository(context, async (repository) => {
    const counts = new Map<string, number>();
    for (const { tags } of await listSnapshots(repository)) {
      for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    }
    for (const [tag, snapshots] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      if (output.json) output.object({ type: "tag", tag, snapshots });
      else output.line(`${String(snapshots).padStart(6)}  ${tag}`);
    }
    return 0;
  });
}
