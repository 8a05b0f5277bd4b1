import type { Command, Flag } from "../command.ts";
import { globalFlags } from "../parse.ts";
import { quoted, takesNextWord, wantsFile } from "./words.ts";

/** See complete(1) of fish. Flags are "old-style": one dash and several letters. */
export function fishCompletion(commands: readonly Command[]): string {
  const lines = commands.flatMap(({ name, summary, flags }) => [
    `complete -c plakar -n '__plakar_command ""' -f -a ${name} -d ${quotedForFish(summary)}`,
    ...flags.map((flag) => `complete -c plakar -n '__plakar_command ${name}' ${option(flag)}`),
  ]);
  return `# fish completion for plakar, made from the definitions of its commands
function __plakar_command --description 'Whether the command that was typed is this one'
    set -l words (commandline -opc)
    set -e words[1]
    set -l command ""
    while set -q words[1]
        switch $words[1]
            case ${takesNextWord.join(" ")}
                set -e words[1]
            case '-*'
            case '*'
                set command $words[1]
                break
        end
        set -e words[1]
    end
    test "$command" = "$argv[1]"
end
complete -c plakar -n '__plakar_command ""' -f -a at -d 'name the store'
complete -c plakar -n '__plakar_command help' -f -a '${commands.map(({ name }) => name).join(" ")}'
${globalFlags.map((flag) => `complete -c plakar ${option(flag)}`).join("\n")}
${lines.join("\n")}
`;
}

function option(flag: Flag): string {
  const value = flag.choices
    ? ` -x -a '${flag.choices.join(" ")}'`
    : flag.kind === "boolean"
      ? ""
      : wantsFile(flag)
        ? " -r -F"
        : " -x";
  return `-o ${flag.name}${value} -d ${quotedForFish(flag.help)}`;
}

/** Within single quotes fish takes `\\'` for a quote, and a backslash before anything else as it is. */
function quotedForFish(text: string): string {
  return quoted(text.replaceAll("\\", "\\\\"));
}
