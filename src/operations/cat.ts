import { PlakarError, throwIfAborted, toDisplay } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { itemOf, resolveTarget } from "../snapshot/index.ts";

/** A file's content, part by part, each verified before it is yielded. Fails with code `not-a-file` (kind input). */
export async function* readFile(
  repository: Repository,
  target: string,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<Uint8Array> {
  await repository.load();
  const { view, path } = await resolveTarget(repository, target);
  if (path === undefined) {
    throw new PlakarError("not-a-file", `${target} names a snapshot, not a file in it`, {
      kind: "input",
      advice: "Name the file: plakar cat SNAPSHOT:PATH",
    });
  }
  const entry = await view.entry(path);
  const { info } = itemOf(path, entry);
  if (info.kind !== "file") {
    throw new PlakarError("not-a-file", `${toDisplay(path)} is a ${info.kind}, which has no content`, {
      kind: "input",
    });
  }
  const what = toDisplay(path);
  for await (const part of view.content(await view.object(entry.object, what), what)) {
    throwIfAborted(options.signal);
    yield part;
  }
}
