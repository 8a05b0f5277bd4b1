import { version } from "../../version.ts";
import type { Command, Registry } from "../command.ts";
import { completion, type Shell, shells } from "../completion/index.ts";
import { commandHelp, manual, overview, overviewManual } from "../help.ts";
import { nearest, usageError } from "../parse.ts";

export const helpCommand: Command = {
  name: "help",
  summary: "explain a command",
  usage: "help [-man] [COMMAND]",
  description: [
    "Lists all commands, or explains one. With -man it prints the manual page for man(1), with -completion what a shell reads to",
    "complete commands and flags; the Linux packages install both.",
  ],
  flags: [
    { name: "man", kind: "boolean", help: "print the manual page" },
    { name: "completion", kind: "choice", choices: shells, help: "print the completion script for a shell" },
  ],
  examples: [
    ["plakar help backup", "Explain the flags of backup."],
    ["source <(plakar help -completion bash)", "Complete commands and flags in this bash."],
  ],
  async run({ args, flags, output, registry }) {
    const [name] = args;
    if (args.length > 1) throw usageError("help explains one command", "Write: plakar help COMMAND");
    if (flags.has("completion")) {
      output.lines((await completionFor(flags.text("completion") as Shell, registry)).trimEnd());
      return 0;
    }
    if (name === undefined) {
      if (output.json)
        for (const [command, { summary }] of Object.entries(registry))
          output.object({ type: "command", name: command, summary });
      else output.lines(flags.is("man") ? overviewManual(registry, version).trimEnd() : overview(registry));
      return 0;
    }
    const registered = Object.hasOwn(registry, name) ? registry[name] : undefined;
    if (!registered) {
      const near = nearest(name, Object.keys(registry));
      throw usageError(`there is no command ${name}`, near ? `Did you mean ${near}?` : "See: plakar help");
    }
    const command = await registered.load();
    output.lines(flags.is("man") ? manual(command, version).trimEnd() : commandHelp(command));
    return 0;
  },
};

async function completionFor(shell: Shell, registry: Registry): Promise<string> {
  return completion(shell, await Promise.all(Object.values(registry).map(({ load }) => load())));
}
