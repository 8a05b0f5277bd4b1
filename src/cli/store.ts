import { openRepository } from "../operations/index.ts";
import type { CommandContext } from "./command.ts";
import { askPassphrase } from "./passphrase.ts";

type Opened = Awaited<ReturnType<typeof openRepository>>;

/** Opens the store that the command line names, runs, and closes it whatever happens. */
export async function withRepository<T>(context: CommandContext, work: (repository: Opened) => Promise<T>): Promise<T> {
  const repository = await openRepository({
    location: context.location,
    passphrase: () => askPassphrase(context.flags.text("keyfile"), { twice: false }),
    onWarning: (message) => context.output.warning(message),
  });
  try {
    return await work(repository);
  } finally {
    await repository.close();
  }
}
