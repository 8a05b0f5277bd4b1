import { join } from "node:path";
import { setImmediate as letOthers } from "node:timers/promises";
import {
  decodePackIndex,
  type PackfileId,
  packIndexCount,
  ResourceType,
  type SnapshotId,
  STATE_VERSION,
  StateWriter,
  stateBytes,
  WRAPPER_HEADER_BYTES,
  WRAPPER_TRAILER_BYTES,
  wrap,
  wrapperHeader,
} from "../format/index.ts";
import { fromHex } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import type { FinishedPack } from "./packer.ts";
import type { Repository } from "./repository.ts";
import { Spill } from "./spill.ts";

/** Larger states are sealed part by part: in one piece, their several forms would be most of the memory of a backup. */
const IN_ONE_PIECE_BYTES = 4 << 20;

/** Some ten milliseconds, of slices of 64 KiB. */
const PIECES_PER_BREATH = 16;

/** The packfiles of one session, and the state that names them. What they hold is put aside until then. */
export class SessionState {
  readonly #repository: Repository;
  readonly #packs: { readonly id: PackfileId; readonly timestampNs: bigint }[] = [];
  readonly #indexes: Spill;
  #locations = 0;

  constructor(repository: Repository) {
    this.#repository = repository;
    const { cacheDirectory, random } = repository.parts;
    this.#indexes = new Spill(cacheDirectory === undefined ? undefined : join(cacheDirectory, "states"), random);
  }

  add({ id, index }: FinishedPack): void {
    this.#indexes.add(index);
    this.#locations += packIndexCount(index.length);
    this.#packs.push({ id, timestampNs: this.#repository.parts.clock.nowNs() });
  }

  /** THE COMMIT: stores the state; answers its stored size. */
  async commit(snapshot: SnapshotId): Promise<number> {
    const { sealer, store } = this.#repository.parts;
    const plainBytes = stateBytes({ locations: this.#locations, packfiles: this.#packs.length });
    const parts = this.#parts(fromHex(snapshot));
    const bytes =
      plainBytes <= IN_ONE_PIECE_BYTES
        ? wrapped(sealer, Buffer.concat([...parts]))
        : await wrappedParts(sealer, parts, plainBytes);
    this.#indexes.close();
    await store.put("states", snapshot, bytes);
    return bytes.length;
  }

  /** Gives back what was put aside, where nothing is committed. */
  close(): void {
    this.#indexes.close();
  }

  /** The plaintext of the state: all locations, then all packfiles, as the Go implementation writes them. */
  *#parts(snapshot: Uint8Array): Generator<Uint8Array> {
    const state = new StateWriter();
    for (const [number, pack] of this.#packs.entries()) {
      const packfile = fromHex(pack.id);
      for (const { type, version, mac, offset, length, flags } of decodePackIndex(this.#indexes.get(number)))
        state.location({ type, version, mac, packfile, offset, length, flags });
      yield* state.takeParts();
    }
    for (const { id, timestampNs } of this.#packs)
      state.packfile({ packfile: fromHex(id), state: snapshot, timestampNs });
    yield state.finish({ timestampNs: this.#repository.parts.clock.nowNs() });
  }
}

/** Seals, wraps and stores a finished state; answers its stored size. */
export async function storeState(repository: Repository, id: string, state: StateWriter): Promise<number> {
  const { sealer, clock, store } = repository.parts;
  const bytes = wrapped(sealer, state.finish({ timestampNs: clock.nowNs() }));
  await store.put("states", id, bytes);
  return bytes.length;
}

/** Makes snapshots invisible: one state with a tombstone each, under the MAC of its content, as the Go `rm` writes it. */
export async function writeTombstone(repository: Repository, snapshot: SnapshotId): Promise<void> {
  const { sealer, clock, store } = repository.parts;
  const state = new StateWriter();
  state.coloured({ type: ResourceType.snapshot, id: fromHex(snapshot), timestampNs: clock.nowNs() });
  const plain = state.finish({ timestampNs: clock.nowNs() });
  const id = Buffer.from(sealer.mac(plain)).toString("hex");
  await store.put("states", id, wrapped(sealer, plain));
}

function wrapped(sealer: Sealer, plain: Uint8Array): Uint8Array<ArrayBuffer> {
  return wrap(ResourceType.state, STATE_VERSION, sealer.seal(plain), (content) => sealer.mac(content));
}

/** The same of parts, with nothing in memory but the result. */
async function wrappedParts(
  sealer: Sealer,
  parts: Iterable<Uint8Array>,
  plainBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bound = sealer.sealedPartsBound(plainBytes);
  // of so large a piece the system gives out page by page what is written to
  const file = new Uint8Array(WRAPPER_HEADER_BYTES + bound + WRAPPER_TRAILER_BYTES);
  file.set(wrapperHeader(ResourceType.state, STATE_VERSION));
  let end = WRAPPER_HEADER_BYTES;
  let pieces = 0;
  for (const piece of sealer.sealParts(parts, plainBytes)) {
    file.set(piece, end);
    end += piece.length;
    if (++pieces % PIECES_PER_BREATH === 0) await letOthers();
  }
  file.set(sealer.mac(file.subarray(0, end)), end);
  return file.subarray(0, end + WRAPPER_TRAILER_BYTES);
}
