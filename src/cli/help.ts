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

/** Text for the `man` macros (groff_man(7)): no escapes and no requests but ours. */
function escape(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/gm, "\\&$1");
}

const exitStatus = [
  ".SH EXIT STATUS",
  "0 done; 1 failed; 2 usage; 3 done, but items are missing; 65 damage in the store; 66 the store cannot be opened;",
  "75 busy; 77 wrong or no passphrase; 78 made by a newer version; 130, 143 interrupted.",
];

/** The page plakar(1): what there is. */
export function overviewManual(registry: Registry, version: string): string {
  const pages = Object.keys(registry).map((name) => `\\fBplakar\\-${name}\\fR(1)`);
  const lines = [
    `.TH PLAKAR 1 "" "plakar ${version}" "plakar"`,
    ".SH NAME",
    "plakar \\- deduplicated, encrypted, immutable snapshots",
    ".SH SYNOPSIS",
    "\\fBplakar\\fR [\\fIflags\\fR] [\\fBat\\fR \\fISTORE\\fR] \\fICOMMAND\\fR [\\fIflags\\fR] [\\fIarguments\\fR]",
    ".SH DESCRIPTION",
    "STORE is a directory or a .ptar file; without \\fBat\\fR it is the value of PLAKAR_REPOSITORY, else ~/.plakar.",
    ".SH COMMANDS",
    ...Object.entries(registry).flatMap(([name, { summary }]) => [".TP", `\\fB${name}\\fR`, escape(summary)]),
    ".SH ENVIRONMENT",
    ...[".TP", "PLAKAR_REPOSITORY", "The store, where no \\fBat\\fR names one."],
    ...[
      ".TP",
      "PLAKAR_PASSPHRASE",
      "The passphrase, where no \\fB\\-keyfile\\fR is given; else the terminal is asked.",
    ],
    ...[
      ".TP",
      "PLAKAR_AGENT",
      "off: derive the key for every command, and leave it with no agent; see \\fBplakar\\-agent\\fR(1).",
    ],
    ...[".TP", "PLAKAR_TAGS", "Tags of every backup, with commas between them."],
    ...exitStatus,
    ".SH SEE ALSO",
    pages.join(", "),
  ];
  return `${lines.join("\n")}\n`;
}

/** The page of one command. */
export function manual(command: Command, version: string): string {
  const lines = [
    `.TH PLAKAR\\-${command.name.toUpperCase()} 1 "" "plakar ${version}" "plakar"`,
    ".SH NAME",
    `plakar\\-${command.name} \\- ${escape(command.summary)}`,
    ".SH SYNOPSIS",
    `.B plakar\n[at \\fISTORE\\fR] ${escape(command.usage)}`,
    ".SH DESCRIPTION",
    ...command.description.map((line) => (line === "" ? ".PP" : escape(line))),
    ".SH OPTIONS",
    ...[...command.flags, ...globalFlags].flatMap((flag) => [
      ".TP",
      `\\fB${escape(flagHead(flag))}\\fR`,
      escape(flag.help),
    ]),
    ...(command.examples.length > 0 ? [".SH EXAMPLES"] : []),
    ...command.examples.flatMap(([line, does]) => [".TP", `\\fB${escape(line)}\\fR`, escape(does)]),
    ...exitStatus,
    ".SH SEE ALSO",
    "\\fBplakar\\fR(1)",
  ];
  return `${lines.join("\n")}\n`;
}
