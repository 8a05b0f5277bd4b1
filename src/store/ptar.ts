import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import {
  isPtarHeader,
  PTAR_FOOTER_BYTES,
  PTAR_HEADER_BYTES,
  PTAR_PACKFILE_ID,
  PTAR_STATE_ID,
  type PtarSection,
  readPtarFooter,
} from "../format/index.ts";
import { corrupted, systemCode } from "../foundation/index.ts";
import type { ByteRange, Store, StoredFile, StoreId, StoreKind } from "./contract.ts";
import { fileMissing, fileShort, storeFailure, storeMissing, storeReadOnly } from "./failures.ts";

type Sections = ReturnType<typeof readPtarFooter>;

/** A store in one file, for reading (format-gaps section 1). It has one state; a packfile answers to any id. */
export class PtarStore implements Store {
  readonly location: string;
  readonly writable = false;
  readonly deletable = false;
  #file: FileHandle | undefined;
  #sections: Sections | undefined;

  constructor(path: string) {
    this.location = resolve(path);
  }

  async create(): Promise<void> {
    throw storeReadOnly(this.location);
  }

  async readConfiguration(): Promise<Uint8Array> {
    return this.#read((await this.#open()).config);
  }

  async list(kind: StoreKind): Promise<StoredFile[]> {
    const { state, packfile } = await this.#open();
    if (kind === "states") return [{ id: PTAR_STATE_ID, sizeBytes: state.length }];
    return kind === "packfiles" ? [{ id: PTAR_PACKFILE_ID, sizeBytes: packfile.length }] : [];
  }

  async get(kind: StoreKind, id: StoreId, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const sections = await this.#open();
    if (kind === "locks" || (kind === "states" && id !== PTAR_STATE_ID)) throw fileMissing(kind, id);
    const { offset, length } = kind === "states" ? sections.state : sections.packfile;
    if (!range) return this.#read({ offset, length });
    if (range.offset + range.length > length) throw fileShort(kind, id);
    return this.#read({ offset: offset + range.offset, length: range.length });
  }

  async put(): Promise<void> {
    throw storeReadOnly(this.location);
  }

  async delete(): Promise<void> {
    throw storeReadOnly(this.location);
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #open(): Promise<Sections> {
    if (this.#sections) return this.#sections;
    try {
      this.#file ??= await open(this.location, "r");
      const { size } = await this.#file.stat();
      const head =
        size < PTAR_HEADER_BYTES ? new Uint8Array() : await this.#read({ offset: 0, length: PTAR_HEADER_BYTES });
      if (!isPtarHeader(head)) throw corrupted("config-damaged", `${this.location} is not a ptar`);
      const footerAt = Math.max(0, size - PTAR_FOOTER_BYTES);
      this.#sections = readPtarFooter(await this.#read({ offset: footerAt, length: size - footerAt }), size);
      return this.#sections;
    } catch (error) {
      if (systemCode(error) === "ENOENT") throw storeMissing(this.location, error);
      throw storeFailure(this.location, error);
    }
  }

  async #read({ offset, length }: PtarSection): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await (this.#file as FileHandle).read(bytes, done, length - done, offset + done);
      if (bytesRead === 0) throw corrupted("file-short", `${this.location} is shorter than it was`);
      done += bytesRead;
    }
    return bytes;
  }
}
