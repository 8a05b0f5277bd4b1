import type { Command, Flag } from "../command.ts";
import { globalFlags } from "../parse.ts";
import { quoted, takesNextWord, wantsFile } from "./words.ts";

/** See zshcompsys(1): `_describe` offers commands with their summaries, `_arguments` the flags of one. */
export function zshCompletion(commands: readonly Command[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map(
    ({ name, flags }) =>
      `    ${name}) _arguments ${[...flags.map(argument), "$flags", name === "help" ? "'*:command:($names)'" : "'*:file:_files'"].join(" \\\n      ")} ;;`,
  );
  return `#compdef plakar
# zsh completion for plakar, made from the definitions of its commands
_plakar() {
  local command index
  local -a commands=(
${described.join("\n")}
  )
  local -a names=(\${commands%%:*})
  local -a flags=(
${globalFlags.map((flag) => `    ${argument(flag)}`).join("\n")}
  )
  for ((index = 2; index < CURRENT; index++)); do
    case $words[index] in
      ${takesNextWord.join("|")}) ((index++)) ;;
      -*) ;;
      *) command=$words[index]; break ;;
    esac
  done
  if [[ $words[CURRENT-1] == at ]]; then _files; return; fi
  if [[ -n $command ]]; then
    words=("\${(@)words[index,-1]}")
    ((CURRENT -= index - 1))
  fi
  case $command in
    "") _describe command commands; compadd at; _arguments $flags ;;
${cases.join("\n")}
    *) _files ;;
  esac
}
_plakar "$@"
`;
}

function argument(flag: Flag): string {
  const text = flag.help.replace(/[\\[\]:]/g, "\\$&");
  const value = flag.value ?? flag.kind;
  const action = flag.choices ? `(${flag.choices.join(" ")})` : wantsFile(flag) ? "_files" : " ";
  const repeated = flag.kind === "each" ? "*" : "";
  return quoted(`${repeated}-${flag.name}[${text}]${flag.kind === "boolean" ? "" : `:${value}:${action}`}`);
}
