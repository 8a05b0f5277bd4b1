import {
  checkPtarHeader,
  isId,
  isPtarHeader,
  PTAR_FOOTER_BYTES,
  PTAR_HEADER_BYTES,
  PTAR_PACKFILE_ID,
  PTAR_STATE_ID,
  type PtarSection,
  readPtarFooter,
} from "../format/index.ts";
import { corrupted, PlakarError, systemCode } from "../foundation/index.ts";
import { absolutePath } from "../system/index.ts";
import type { ByteRange, Store, StoredFile, StoreId, StoreKind } from "./contract.ts";
import { fileMissing, fileShort, fileTooLarge, storeFailure, storeReadOnly } from "./failures.ts";
import { type FileSystem, type ReadableFile, systemFileSystem } from "./file-system.ts";
import { MAX_READ_BYTES, rangeWithin, readExactly } from "./read-exactly.ts";

interface OpenPtar extends ReturnType<typeof readPtarFooter> {
  readonly file: ReadableFile;
}

export interface PtarStoreOptions {
  readonly fileSystem?: FileSystem;
}

/** A store in one file, for reading (format-gaps section 1). The file is opened, and looked at, by the first call. */
export function openPtarStore(path: string, options: PtarStoreOptions = {}): Store {
  return new PtarStore(absolutePath(path), options.fileSystem ?? systemFileSystem);
}

/** Whether the file at a path begins as a ptar does; of what cannot be read nobody knows. */
export async function isPtar(path: string, fileSystem: FileSystem = systemFileSystem): Promise<boolean> {
  let file: ReadableFile | undefined;
  try {
    file = await fileSystem.open(absolutePath(path));
    const header = new Uint8Array(PTAR_HEADER_BYTES);
    return (await file.read(header, 0)) === header.length && isPtarHeader(header);
  } catch {
    return false;
  } finally {
    await file?.close();
  }
}

/** It has one state, under a constant id, and one packfile, which answers to every id; it has no locks. */
class PtarStore implements Store {
  readonly location: string;
  readonly writable = false;
  readonly deletable = false;
  readonly #fileSystem: FileSystem;
  #opening: Promise<OpenPtar> | undefined;

  constructor(location: string, fileSystem: FileSystem) {
    this.location = location;
    this.#fileSystem = fileSystem;
  }

  async expectEmpty(): Promise<void> {
    throw storeReadOnly(this.location);
  }

  async create(): Promise<void> {
    throw storeReadOnly(this.location);
  }

  async readConfiguration(): Promise<Uint8Array> {
    const { config } = await this.#open();
    return this.#read(config, () => this.#damaged("ends within its CONFIG"));
  }

  async list(kind: StoreKind): Promise<StoredFile[]> {
    const { state, packfile } = await this.#open();
    if (kind === "states") return [{ id: PTAR_STATE_ID, sizeBytes: state.length }];
    return kind === "packfiles" ? [{ id: PTAR_PACKFILE_ID, sizeBytes: packfile.length }] : [];
  }

  async get(kind: StoreKind, id: StoreId, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const section = sectionOf(kind, id, await this.#open());
    if (!section) throw fileMissing(kind, id);
    const short = (): Error => fileShort(kind, id);
    const { offset, length } = rangeWithin(range, section.length, short);
    if (length > MAX_READ_BYTES) throw fileTooLarge(kind, id, length);
    return this.#read({ offset: section.offset + offset, length }, short);
  }

  async put(): Promise<void> {
    throw storeReadOnly(this.location);
  }

  async delete(): Promise<void> {
    throw storeReadOnly(this.location);
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    // one that failed to open has nothing to close
    const opened = await opening?.catch(() => undefined);
    await opened?.file.close();
  }

  /** One file, however many callers come at once; after a failure the next one tries again. */
  #open(): Promise<OpenPtar> {
    if (this.#opening) return this.#opening;
    const opening = this.#openFile();
    this.#opening = opening;
    void opening.catch(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    return opening;
  }

  async #openFile(): Promise<OpenPtar> {
    let file: ReadableFile | undefined;
    try {
      file = await this.#fileSystem.open(this.location);
      return { file, ...(await this.#readSections(file)) };
    } catch (error) {
      await file?.close();
      const code = systemCode(error);
      if (code === "ENOENT" || code === "ENOTDIR") throw ptarMissing(this.location, error);
      if (code === "EISDIR") throw this.#damaged("is a directory", error);
      throw storeFailure(this.location, error);
    }
  }

  async #readSections(file: ReadableFile): Promise<ReturnType<typeof readPtarFooter>> {
    const sizeBytes = await file.sizeBytes();
    const short = (): Error => this.#damaged("is too short to be a ptar");
    if (sizeBytes < PTAR_HEADER_BYTES + PTAR_FOOTER_BYTES) throw short();
    const header = await readExactly(file, { offset: 0, length: PTAR_HEADER_BYTES }, short);
    if (!isPtarHeader(header)) throw this.#damaged("is not a ptar");
    checkPtarHeader(header);
    const footer = { offset: sizeBytes - PTAR_FOOTER_BYTES, length: PTAR_FOOTER_BYTES };
    return readPtarFooter(await readExactly(file, footer, short), sizeBytes);
  }

  async #read(section: PtarSection, short: () => Error): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await readExactly((await this.#open()).file, section, short);
    } catch (error) {
      throw storeFailure(this.location, error);
    }
  }

  #damaged(why: string, cause?: unknown): PlakarError {
    return corrupted("ptar-damaged", `${this.location} ${why}`, undefined, cause);
  }
}

function sectionOf(kind: StoreKind, id: StoreId, { state, packfile }: OpenPtar): PtarSection | undefined {
  if (kind === "states") return id === PTAR_STATE_ID ? state : undefined;
  return kind === "packfiles" && isId(id) ? packfile : undefined;
}

function ptarMissing(location: string, cause: unknown): PlakarError {
  return new PlakarError("store-missing", `there is no file at ${location}`, {
    kind: "missing",
    advice: "Look at the path; a ptar is one file.",
    cause,
  });
}
