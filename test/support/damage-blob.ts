import { type Mac, ResourceType, WRAPPER_HEADER_BYTES } from "../../src/format/index.ts";
import type { ByteString } from "../../src/foundation/index.ts";
import { directoryIndex, resolveTarget } from "../../src/snapshot/index.ts";
import type { InProcess } from "./in-process.ts";

/** Flips a bit in the middle of every copy of a blob. */
export async function damageBlob(plakar: InProcess, type: ResourceType, mac: Mac): Promise<void> {
  const repository = await plakar.loaded();
  for (const { pack, offset, length } of repository.reader.locate(type, mac)) {
    const id = repository.state.packIds[pack] ?? "";
    const bytes = await plakar.store.get("packfiles", id);
    const at = WRAPPER_HEADER_BYTES + offset + (length >> 1);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await plakar.store.put("packfiles", id, bytes);
  }
}

/** Damages the content of a file of the newest snapshot. */
export async function damageFile(plakar: InProcess, path: string): Promise<void> {
  const { view } = await resolveTarget(await plakar.loaded(), "latest");
  const object = await view.object((await view.entry(path as ByteString)).object, path);
  for (const { mac } of object.chunks) await damageBlob(plakar, ResourceType.chunk, mac);
}

/** Damages the listing of a directory of the newest snapshot. */
export async function damageDirectory(plakar: InProcess, path: string): Promise<void> {
  const { view } = await resolveTarget(await plakar.loaded(), "latest");
  const listing = await view.indexes.get(directoryIndex)?.get(path as ByteString);
  if (!listing) throw new Error(`no listing of ${path}`);
  await damageBlob(plakar, ResourceType.object, listing);
}
