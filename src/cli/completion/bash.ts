import type { Command, Flag } from "../command.ts";
import { globalFlags } from "../parse.ts";
import { takesNextWord, wantsFile } from "./words.ts";

/** See "Programmable Completion" in bash(1). Nothing of the package bash-completion is needed. */
export function bashCompletion(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const cases = commands.flatMap((command) => [
    `    ${command.name})`,
    `      flags="${[...command.flags, ...globalFlags].map(dashed).join(" ")}"`,
    ...(command.name === "help" ? [`      words="${names}"`] : []),
    ...valueCases(command.flags),
    "      ;;",
  ]);
  return `# bash completion for plakar, made from the definitions of its commands
_plakar() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command= flags="${globalFlags.map(dashed).join(" ")}" words= index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
    ${takesNextWord.join(" | ")}) ((index++)) ;;
    -*) ;;
    *)
      command=\${COMP_WORDS[index]}
      break
      ;;
    esac
  done
  case $previous in at | ${fileFlags(globalFlags)}) return ;; esac
  case $command in
    "") words="at ${names}" ;;
${cases.join("\n")}
  esac
  [[ $current == -* ]] && words=$flags
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _plakar plakar
`;
}

function dashed({ name }: Flag): string {
  return `-${name}`;
}

function fileFlags(flags: readonly Flag[]): string {
  return flags.filter(wantsFile).map(dashed).join(" | ");
}

/** After a flag with a value: its choices, or what bash itself completes, which are files. */
function valueCases(flags: readonly Flag[]): string[] {
  const free = flags.filter(({ kind, choices }) => kind !== "boolean" && !choices);
  const chosen = flags.filter(({ choices }) => choices);
  if (free.length + chosen.length === 0) return [];
  return [
    "      case $previous in",
    ...(free.length > 0 ? [`      ${free.map(dashed).join(" | ")}) return ;;`] : []),
    ...chosen.map((flag) => `      ${dashed(flag)}) words="${flag.choices?.join(" ")}" ;;`),
    "      esac",
  ];
}
