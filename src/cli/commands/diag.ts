import { type DiagnosticSubject, diagnose, type SystemReport, systemReport } from "../../operations/index.ts";
import type { Command, CommandContext } from "../command.ts";
import { usageError } from "../parse.ts";
import { withRepository } from "../store.ts";

const subjects: readonly DiagnosticSubject[] = [
  "snapshot",
  "state",
  "packfile",
  "object",
  "vfs",
  "xattr",
  "contenttype",
  "locks",
  "search",
  "chunks",
];

export const diagCommand: Command = {
  name: "diag",
  summary: "show what lies inside a store",
  usage: "diag SUBJECT [ARGUMENT]",
  description: [
    "For those who look for a fault. SUBJECT: snapshot [SNAPSHOT], state [ID], packfile [ID], object MAC, vfs SNAPSHOT:PATH,",
    "xattr [SNAPSHOT], contenttype [SNAPSHOT], locks, search MAC, chunks SNAPSHOT:PATH. Nothing is changed.",
    "`diag system` needs no store: it says what of files this program can keep and give back here, and why not.",
  ],
  flags: [],
  examples: [["plakar diag chunks latest:/etc/fstab", "Show the chunks of a file."]],
  run: async (context) => {
    const [name, ...args] = context.args;
    if (name === "system") return describeSystem(context.output);
    const subject = subjects.find((each) => each === name);
    if (!subject)
      throw usageError(
        name === undefined ? "diag wants a subject" : `diag has no subject ${name}`,
        `One of: system, ${subjects.join(", ")}`,
      );
    return withRepository(context, async (repository) => {
      for await (const line of diagnose(repository, subject, args)) {
        if (context.output.json) context.output.object({ type: "diagnostic", subject, line });
        else context.output.lines(line);
        if (context.output.readerIsGone) break;
      }
      return 0;
    });
  },
};

const shownNames: Readonly<Record<keyof Omit<SystemReport, "reason">, string>> = {
  extendedAttributes: "extended attributes and access lists",
  fifos: "FIFOs",
  deviceNodes: "devices",
  exactTimes: "times to the nanosecond",
  holes: "holes",
  fileLocks: "locks of files",
  inodeFlags: "flags of inodes (chattr)",
  mounts: "mounting",
  accountNames: "names of owners",
};

function describeSystem(output: CommandContext["output"]): number {
  const { reason, ...report } = systemReport();
  for (const [name, available] of Object.entries(report)) {
    const shown = shownNames[name as keyof typeof shownNames];
    if (output.json) output.object({ type: "capability", name, available });
    else output.line(`${available ? "yes" : "no "}  ${shown}`);
  }
  if (reason !== undefined && !output.json) output.line(`Why not: ${reason}`);
  return 0;
}
