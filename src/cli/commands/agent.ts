import { askStatus, closeInherited, keyMemory, readFirstRequest, serveAgent, stopAgent } from "../../agent/index.ts";
import { count, formatSize, systemClock } from "../../foundation/index.ts";
import type { Command, CommandContext } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Output } from "../output.ts";
import { usageError } from "../parse.ts";

export const agentCommand: Command = {
  name: "agent",
  summary: "show or stop what keeps keys for half a minute",
  usage: "agent [stop]",
  description: [
    "A command that has derived the key of an encrypted store leaves it with the agent, a process of this user that starts and ends",
    "by itself: for half a minute after its last use the next command need not derive it again. The passphrase is asked for all the",
    "same, and a wrong one is refused. Shows the agent, if there is one; `agent stop` makes it forget every key at once.",
    "",
    "-no-agent, or PLAKAR_AGENT=off in the environment, does without: nothing is asked for and nothing is left behind.",
  ],
  flags: [],
  examples: [["plakar agent stop", "Forget all keys now."]],
  async run(context) {
    const [word, directory] = context.args;
    if (word === "serve" && directory !== undefined) return await serve(directory, context);
    if (context.args.length > 1 || (word !== undefined && word !== "stop"))
      throw usageError(`agent does not know ${context.args.join(" ")}`, "See: plakar help agent");
    if (word === undefined) await show(context.output);
    else await stop(context.output);
    return ExitCode.done;
  },
};

/** What the program itself starts; nobody types it. */
async function serve(directory: string, { signal }: CommandContext): Promise<number> {
  const first = await readFirstRequest();
  closeInherited();
  await serveAgent({ directory, first, clock: systemClock, memory: keyMemory(), signal });
  return ExitCode.done;
}

async function show(output: Output): Promise<void> {
  const status = await askStatus();
  if (output.json) {
    output.object({ type: "agent", running: status !== undefined, ...status });
    return;
  }
  if (!status) {
    output.line("no agent is running");
    return;
  }
  const { process, keys, states, given, refused, residentBytes, cpuMs } = status;
  const holds = states > 0 ? `${count(keys, "key")} and ${count(states, "state")}` : count(keys, "key");
  const cost = `${formatSize(residentBytes)}, ${(cpuMs / 1000).toFixed(2)}s of processor time`;
  output.line(`agent ${process} holds ${holds}; given ${given}, refused ${refused}; ${cost}`);
}

async function stop(output: Output): Promise<void> {
  const stopped = await stopAgent();
  if (output.json) output.object({ type: "agent", running: false, stopped });
  else output.message(stopped ? "the agent has forgotten all keys" : "no agent is running");
}
