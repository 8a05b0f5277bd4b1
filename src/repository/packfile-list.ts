import { PTAR_PACKFILE_ID } from "../format/index.ts";
import type { Store } from "../store/contract.ts";

/** The packfiles that a store has. */
export interface PackfileList {
  readonly ids: readonly string[];
  has(id: string): boolean;
  /** undefined where the packfile is not there, or the store does not tell. */
  sizeOf(id: string): number | undefined;
}

/** What is there, whatever states say; sizes cost a look at each file. A .ptar file holds one packfile, which stands for each that its state names. */
export async function listPackfiles(
  store: Store,
  options: { readonly sizes: boolean } = { sizes: true },
): Promise<PackfileList> {
  const sizes = new Map((await store.list("packfiles", options)).map(({ id, sizeBytes }) => [id, sizeBytes]));
  if (sizes.has(PTAR_PACKFILE_ID)) {
    return { ids: [], has: () => true, sizeOf: () => sizes.get(PTAR_PACKFILE_ID) };
  }
  return { ids: [...sizes.keys()], has: (id) => sizes.has(id), sizeOf: (id) => sizes.get(id) };
}
