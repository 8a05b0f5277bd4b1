import { LocalMac } from "../sealing/index.ts";
import { BlobBase } from "./blob-base.ts";
import {
  type BaseFacts,
  BLOCK_BLOBS,
  BLOCK_BYTES,
  blockCount,
  blockMac,
  FAN_OUT_BYTES,
  KEY_WORDS,
  LARGE_MARK,
  MAC_BYTES,
  PLACE_BYTES,
  PLACES_AT,
  PREFIXES,
  tailMac,
} from "./blob-base-layout.ts";
import { ScratchFile } from "./scratch-file.ts";

const TWO_32 = 2 ** 32;

/** Where blocks go, one after the other. */
interface BlockSink {
  append(block: Uint8Array): void;
  /** The base of these blocks. */
  finish(facts: BaseFacts, tail: Uint8Array<SharedArrayBuffer>, key: Uint8Array): BuiltBase;
}

/** A base, and the file that it is in if it is in one: whoever built it names it, or takes its name away. */
export interface BuiltBase {
  readonly base: BlobBase;
  readonly file: ScratchFile | undefined;
}

/** Makes a base of rows that come in order. */
export class BlobBaseWriter {
  readonly #atMost: number;
  #sink: BlockSink;
  readonly #key: Uint8Array;
  readonly #mac: LocalMac;
  readonly #block = new ArrayBuffer(BLOCK_BYTES);
  readonly #words = new Uint32Array(this.#block);
  readonly #bytes = new Uint8Array(this.#block);
  readonly #fanOut = new Uint32Array(PREFIXES + 1);
  readonly #macs: Uint8Array[] = [];
  readonly #large: number[] = [];
  #count = 0;

  /** `atMost`: how many rows may come. A file is made in `directory`; where that is not possible, memory has to do. */
  constructor(directory: string | undefined, atMost: number, key: Uint8Array) {
    const file = ScratchFile.make(directory);
    this.#atMost = atMost;
    this.#sink = file ? new FileSink(file) : new MemorySink(atMost);
    this.#key = key;
    this.#mac = new LocalMac(key);
  }

  /** A row at word `at`. */
  add(rows: Uint32Array, at: number): void {
    const place = this.#count % BLOCK_BLOBS;
    for (let word = 0; word < KEY_WORDS; word++) this.#words[place * KEY_WORDS + word] = rows[at + 1 + word] as number;
    const high = (rows[at + 5] as number) >>> 24;
    this.#setPlace(PLACES_AT + place * PLACE_BYTES, (rows[at + 5] as number) & 0xff_ffff, {
      offset: high * TWO_32 + (rows[at + 6] as number),
      length: rows[at + 7] as number,
    });
    const next = (rows[at] as number) + 1;
    this.#fanOut[next] = (this.#fanOut[next] as number) + 1;
    this.#count++;
    if (place === BLOCK_BLOBS - 1) this.#endBlock();
  }

  /** The base, which holds all rows. */
  finish(): BuiltBase {
    if (this.#count % BLOCK_BLOBS !== 0) this.#endBlock();
    for (let prefix = 0; prefix < PREFIXES; prefix++)
      this.#fanOut[prefix + 1] = (this.#fanOut[prefix + 1] as number) + (this.#fanOut[prefix] as number);
    const macBytes = blockCount(this.#count) * MAC_BYTES;
    const tail = new Uint8Array(new SharedArrayBuffer(FAN_OUT_BYTES + macBytes + this.#large.length * 8));
    tail.set(new Uint8Array(this.#fanOut.buffer));
    for (const [block, mac] of this.#macs.entries()) tail.set(mac, FAN_OUT_BYTES + block * MAC_BYTES);
    const view = new DataView(tail.buffer);
    for (const [number, value] of this.#large.entries())
      view.setFloat64(FAN_OUT_BYTES + macBytes + number * 8, value, true);
    const mac = tailMac(this.#mac, this.#count, tail);
    const facts = { count: this.#count, large: this.#large.length / 2, mac };
    return this.#orInMemory((sink) => sink.finish(facts, tail, this.#key));
  }

  /** Gives up: nothing is left of it. */
  abandon(): void {
    if (this.#sink instanceof FileSink) this.#sink.file.close();
  }

  #setPlace(at: number, pack: number, { offset, length }: { offset: number; length: number }): void {
    const bytes = this.#bytes;
    const isLarge = offset >= TWO_32 || length >= LARGE_MARK;
    const low = isLarge ? this.#large.length / 2 : offset;
    const size = isLarge ? LARGE_MARK : length;
    if (isLarge) this.#large.push(offset, length);
    for (let byte = 0; byte < 3; byte++) bytes[at + byte] = pack >>> (8 * byte);
    for (let byte = 0; byte < 4; byte++) bytes[at + 3 + byte] = low >>> (8 * byte);
    for (let byte = 0; byte < 3; byte++) bytes[at + 7 + byte] = size >>> (8 * byte);
  }

  #endBlock(): void {
    this.#macs.push(new Uint8Array(blockMac(this.#mac, this.#macs.length, this.#bytes)));
    this.#orInMemory((sink) => sink.append(this.#bytes));
    this.#bytes.fill(0);
  }

  /** A full disk costs memory, and nothing else. */
  #orInMemory<T>(action: (sink: BlockSink) => T): T {
    try {
      return action(this.#sink);
    } catch (error) {
      if (!(this.#sink instanceof FileSink)) throw error;
      const { file, blocks } = this.#sink;
      const memory = new MemorySink(this.#atMost);
      memory.copy(file, blocks * BLOCK_BYTES);
      file.close();
      this.#sink = memory;
      return action(memory);
    }
  }
}

class FileSink implements BlockSink {
  readonly file: ScratchFile;
  blocks = 0;

  constructor(file: ScratchFile) {
    this.file = file;
  }

  append(block: Uint8Array): void {
    this.file.append(block);
    this.blocks++;
  }

  finish(facts: BaseFacts, tail: Uint8Array, key: Uint8Array): BuiltBase {
    this.file.append(tail);
    const base = BlobBase.fromDescriptor(this.file.descriptor, facts, key);
    if (!base) throw new Error("a base is not what was written");
    return { base, file: this.file };
  }
}

class MemorySink implements BlockSink {
  readonly #memory: Uint8Array<SharedArrayBuffer>;
  #used = 0;

  constructor(atMost: number) {
    this.#memory = new Uint8Array(new SharedArrayBuffer(blockCount(atMost) * BLOCK_BYTES));
  }

  copy(file: ScratchFile, sizeBytes: number): void {
    const block = new Uint8Array(BLOCK_BYTES); // no file is read into shared memory
    for (let at = 0; at < sizeBytes; at += BLOCK_BYTES) {
      file.read(block, at);
      this.append(block);
    }
  }

  append(block: Uint8Array): void {
    this.#memory.set(block, this.#used);
    this.#used += block.length;
  }

  finish(facts: BaseFacts, tail: Uint8Array<SharedArrayBuffer>, key: Uint8Array): BuiltBase {
    const count = blockCount(facts.count);
    const blocks = new SharedArrayBuffer(count + 1);
    new Uint8Array(blocks).fill(1, 0, count);
    const memory = this.#memory.buffer;
    return { base: new BlobBase({ facts, memory, blocks, tail: tail.buffer, descriptor: -1, key }), file: undefined };
  }
}
