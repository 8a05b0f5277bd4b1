import { environment, formatSize, toDisplay } from "../../foundation/index.ts";
import { type Difference, type DiffSide, diff } from "../../operations/index.ts";
import type { Command, CommandContext } from "../command.ts";
import { exitCodeOf } from "../exit-codes.ts";
import type { Output } from "../output.ts";
import { usageError } from "../parse.ts";
import { withRepository } from "../store.ts";
import { unifiedDifference } from "../text-difference.ts";

/** As diff(1): trouble is not a difference. */
const DIFFERENT = 1;
const TROUBLE = 2;

export const diffCommand: Command = {
  name: "diff",
  summary: "compare two snapshots, or parts of them",
  usage: "diff [flags] SNAPSHOT[:PATH] SNAPSHOT[:PATH]",
  description: [
    "Compares directories or files of two snapshots, by path below what is named: what only one of them has, what has another",
    "type, other content (texts line by line), another mode, owner, link target or other attributes.",
    "Exit code: 0 they are the same, 1 they differ, 2 trouble (65 damage in the store).",
  ],
  flags: [
    {
      name: "recursive",
      kind: "boolean",
      help: "also what is below directories in both (the default; -recursive=false)",
    },
    { name: "stat", kind: "boolean", help: "a line for every path, and totals, without contents" },
    { name: "times", kind: "boolean", help: "a modification time alone is a difference" },
    { name: "highlight", kind: "boolean", help: "colour added and removed lines" },
  ],
  examples: [
    ["plakar diff b2c70a17 latest", "What has changed since."],
    ["plakar diff b2c70a17:/etc/fstab latest:/etc/fstab", "What has changed in a file."],
  ],
  async run(context) {
    const [before, after] = context.args;
    if (before === undefined || after === undefined || context.args.length > 2)
      throw usageError("diff compares two things", "See: plakar help diff");
    try {
      return await withRepository(context, (repository) => compare(context, repository, before, after));
    } catch (error) {
      if (exitCodeOf(error) !== 1) throw error;
      context.output.error(error);
      return TROUBLE;
    }
  },
};

type Repository = Parameters<typeof diff>[0];

async function compare(
  { flags, output, signal }: CommandContext,
  repository: Repository,
  before: string,
  after: string,
): Promise<number> {
  const render = new DifferenceOutput(output, {
    names: [before.split(":", 1)[0] as string, after.split(":", 1)[0] as string],
    stat: flags.is("stat"),
    colours: flags.is("highlight") && environment("NO_COLOR") === undefined,
  });
  const recursive = flags.has("recursive") ? flags.is("recursive") : true;
  const whole = flags.is("stat") || output.json;
  const times = flags.is("times");
  for await (const difference of diff(repository, { before, after, recursive, whole, times, signal })) {
    await render.difference(difference);
    if (output.readerIsGone) break;
  }
  render.totals();
  return render.isDifferent ? DIFFERENT : 0;
}

const letters = { added: "+", removed: "-", changed: "M", type: "T", metadata: "U" } as const;

class DifferenceOutput {
  readonly #output: Output;
  readonly #options: { readonly names: readonly [string, string]; readonly stat: boolean; readonly colours: boolean };
  readonly #counts = { added: 0, removed: 0, changed: 0, type: 0, metadata: 0 };
  #addedBytes = 0;
  #removedBytes = 0;

  constructor(
    output: Output,
    options: { readonly names: readonly [string, string]; readonly stat: boolean; readonly colours: boolean },
  ) {
    this.#output = output;
    this.#options = options;
  }

  get isDifferent(): boolean {
    return Object.values(this.#counts).some((count) => count > 0);
  }

  async difference(difference: Difference): Promise<void> {
    const { path, status, before, after, changes } = difference;
    this.#counts[status]++;
    this.#addedBytes += sizeOf(after);
    this.#removedBytes += sizeOf(before);
    if (this.#output.json) {
      const sides = { ...(before && { before: shown(before) }), ...(after && { after: shown(after) }) };
      this.#output.object({ type: "difference", path: toDisplay(path), status, changes, ...sides });
    } else if (this.#options.stat)
      this.#output.line(`${letters[status]} ${toDisplay(path) || "."}${noteOf(difference)}`);
    else await this.#describe(difference);
  }

  totals(): void {
    const { added, removed, changed, type, metadata } = this.#counts;
    const [addedBytes, removedBytes] = [this.#addedBytes, this.#removedBytes];
    if (this.#output.json) {
      const counts = { added, removed, changed, typeChanged: type, metadataChanged: metadata };
      this.#output.object({ type: "summary", command: "diff", ...counts, addedBytes, removedBytes });
    } else if (this.#options.stat) {
      this.#output.line(
        `${added} added, ${removed} removed, ${changed} changed, ${type} of another type, ${metadata} with other metadata; ` +
          `+${formatSize(addedBytes)}, -${formatSize(removedBytes)}`,
      );
    }
  }

  async #describe({ status, before, after, changes }: Difference): Promise<void> {
    const [ours, theirs] = [this.#name(0, before), this.#name(1, after)];
    if (status === "removed" || status === "added") {
      const only = (ours ?? theirs) as string;
      const slash = only.lastIndexOf("/");
      const directory = only.slice(0, slash);
      this.#output.line(`Only in ${directory.endsWith(":") ? `${directory}/` : directory}: ${only.slice(slash + 1)}`);
    } else if (status === "type") this.#output.line(`File types of ${ours} and ${theirs} differ: ${changes.join()}`);
    else {
      if (changes.length > 0) this.#output.line(`${ours} and ${theirs} differ in ${changes.join("; ")}`);
      if (status === "changed") await this.#contents(ours ?? "", theirs ?? "", before, after);
    }
  }

  async #contents(ours: string, theirs: string, before?: DiffSide, after?: DiffSide): Promise<void> {
    if (!before?.content || !after?.content) return;
    const text = await unifiedDifference(
      { name: ours, content: before.content() },
      { name: theirs, content: after.content() },
    );
    if (text === undefined) this.#output.line(`Binary files ${ours} and ${theirs} differ`);
    else for (const line of text.split("\n")) this.#output.savedLine(line, this.#options.colours ? colourOf(line) : "");
  }

  #name(side: 0 | 1, item: DiffSide | undefined): string | undefined {
    return item && `${this.#options.names[side]}:${toDisplay(item.path)}`;
  }
}

function sizeOf(side: DiffSide | undefined): number {
  return side?.info.kind === "file" ? side.info.sizeBytes : 0;
}

function noteOf({ status, before, after, changes }: Difference): string {
  if (status === "changed") return ` ${formatSize(sizeOf(before))} -> ${formatSize(sizeOf(after))}`;
  if (status === "metadata" || status === "type") return ` ${changes.join("; ")}`;
  const side = before ?? after;
  return side?.info.kind === "file" ? ` ${formatSize(sizeOf(side))}` : "";
}

function shown({ path, info }: DiffSide): Record<string, unknown> {
  const { kind, sizeBytes, permissions, userId, groupId, modifiedNs } = info;
  return { path: toDisplay(path), kind, sizeBytes, permissions, userId, groupId, modifiedNs };
}

/** Green and red, as everywhere. */
function colourOf(line: string): string {
  if (line.startsWith("+")) return "\u001b[32m";
  return line.startsWith("-") ? "\u001b[31m" : "";
}
