import { PlakarError } from "../foundation/index.ts";
import { openRepository, tellLostSnapshots } from "../operations/index.ts";
import type { CommandContext } from "./command.ts";
import { LazyAgent, mayUseAgent } from "./lazy-agent.ts";
import { usageError } from "./parse.ts";
import { askPassphrase } from "./passphrase.ts";

/** A store that does without the key it was to be opened with is, perhaps, not the store that it was. */
function refuseUselessKeyfile({ flags }: CommandContext, { configuration, location }: Opened): void {
  if (flags.text("keyfile") === "" || configuration.encryption !== null) return;
  throw new PlakarError("store-not-encrypted", `${location} is not encrypted, so -keyfile cannot open it`, {
    kind: "denied",
    advice:
      "Was it encrypted before? Then its CONFIG was replaced: put the right one back. Else leave -keyfile away: anybody can read it.",
  });
}

/** Nothing where no limit is wanted; none a second would never end. */
function limitsOf({ flags }: CommandContext): Pick<Parameters<typeof openRepository>[0], "limits"> {
  const upload = flags.number("limit-upload");
  const download = flags.number("limit-download");
  if (upload === 0 || download === 0)
    throw usageError("a limit of 0 bytes a second never ends", "Leave it away for none.");
  if (upload === undefined && download === undefined) return {};
  return {
    limits: {
      ...(upload !== undefined && { uploadBytesPerSecond: upload }),
      ...(download !== undefined && { downloadBytesPerSecond: download }),
    },
  };
}

type Opened = Awaited<ReturnType<typeof openRepository>>;

/**
 * Opens the store that the command line names, runs, and closes it whatever happens. `meanwhile` is called when the key is
 * being derived: what needs none can begin.
 */
export async function withRepository<T>(
  context: CommandContext,
  work: (repository: Opened) => Promise<T>,
  meanwhile?: (location: string) => void,
): Promise<T> {
  const agent = mayUseAgent(context.flags) ? new LazyAgent() : undefined;
  const repository = await openRepository({
    location: context.location,
    passphrase: () => askPassphrase(context.flags.text("keyfile"), { twice: false, signal: context.signal }),
    agent,
    meanwhile,
    ...limitsOf(context),
    signal: context.signal,
    onWarning: (message) => context.output.warning(message),
    onDamage: (error) => context.output.damage(error),
  });
  try {
    refuseUselessKeyfile(context, repository);
    return await work(repository);
  } catch (error) {
    if (error instanceof PlakarError && error.code === "snapshot-not-found") await tellLostSnapshots(repository);
    throw error;
  } finally {
    await repository.close();
    await agent?.close();
  }
}
