import { type DiagnosticSubject, diagnose } from "../../operations/index.ts";
import type { Command } from "../command.ts";
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
  ],
  flags: [],
  examples: [["plakar diag chunks latest:/etc/fstab", "Show the chunks of a file."]],
  run: (context) => {
    const [name, ...args] = context.args;
    const subject = subjects.find((each) => each === name);
    if (!subject)
      throw usageError(
        name === undefined ? "diag wants a subject" : `diag has no subject ${name}`,
        `One of: ${subjects.join(", ")}`,
      );
    return withRepository(context, async (repository) => {
      for await (const line of diagnose(repository, subject, args)) {
        if (context.output.json) context.output.object({ type: "diagnostic", subject, line });
        else context.output.line(line);
        if (context.output.readerIsGone) break;
      }
      return 0;
    });
  },
};
