import type { Command, Flag, Registry } from "./command.ts";
import { globalFlags } from "./parse.ts";

/** What `plakar` and `plakar help` print. */
export function overview(registry: Registry): string {
  const width = Math.max(...Object.keys(registry).map((name) => name.length)) + 2;
  const lines = Object.entries(registry).map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`);
  return [
    "plakar keeps deduplicated, encrypted, immutable snapshots of files.",
    "",
    "usage: plakar [flags] [at STORE] COMMAND [flags] [arguments]",
    "",
    ...lines,
    "",
    "STORE is a directory or a .ptar file; without `at` it is $PLAKAR_REPOSITORY, else ~/.plakar.",
    "`plakar help COMMAND` explains a command.",
  ].join("\n");
}

export function commandHelp(command: Command): string {
  const sections = [`usage: plakar [at STORE] ${command.usage}`, "", ...command.description];
  if (command.flags.length > 0) sections.push("", "flags:", ...flagLines(command.flags));
  sections.push("", "flags of every command:", ...flagLines(globalFlags.filter(({ name }) => name !== "h")));
  if (command.examples.length > 0) {
    sections.push("", "examples:", ...command.examples.flatMap(([line, does]) => [`  ${line}`, `      ${does}`]));
  }
  return sections.join("\n");
}

function flagLines(flags: readonly Flag[]): string[] {
  const heads = flags.map(flagHead);
  const width = Math.max(...heads.map((head) => head.length)) + 2;
  return flags.map((flag, i) => `  ${(heads[i] as string).padEnd(width)}${flag.help}`);
}

function flagHead({ name, kind, value, choices }: Flag): string {
  if (kind === "boolean") return `-${name}`;
  return `-${name} ${choices ? choices.join("|") : (value ?? kind.toUpperCase())}`;
}

/** A manual page in the `man` macros. */
export function manual(command: Command, version: string): string {
  const escape = (text: string): string =>
    text
      .replaceAll("\\", "\\e")
      .replaceAll("-", "\\-")
      .replace(/^([.'])/, "\\&$1");
  const lines = [
    `.TH PLAKAR\\-${command.name.toUpperCase()} 1 "" "plakar ${version}" "plakar"`,
    ".SH NAME",
    `plakar\\-${command.name} \\- ${escape(command.summary)}`,
    ".SH SYNOPSIS",
    `.B plakar\n[at \\fISTORE\\fR] ${escape(command.usage)}`,
    ".SH DESCRIPTION",
    ...command.description.flatMap((paragraph) => [escape(paragraph), ".PP"]),
    ".SH OPTIONS",
    ...[...command.flags, ...globalFlags].flatMap((flag) => [
      ".TP",
      `\\fB${escape(flagHead(flag))}\\fR`,
      escape(flag.help),
    ]),
    ...(command.examples.length > 0 ? [".SH EXAMPLES"] : []),
    ...command.examples.flatMap(([line, does]) => [".TP", `\\fB${escape(line)}\\fR`, escape(does)]),
    ".SH EXIT STATUS",
    "0 done; 1 failed; 2 usage; 3 done, but items are missing; 65 damage in the store; 66 the store cannot be opened;",
    "75 busy; 77 wrong or no passphrase; 78 made by a newer version; 130, 143 interrupted.",
  ];
  return `${lines.join("\n")}\n`;
}
