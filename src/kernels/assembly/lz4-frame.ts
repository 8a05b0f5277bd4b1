// LZ4 frames (lz4_Frame_format.md of the LZ4 project) as Kloset stores have them: independent blocks of at most 4 MiB, a
// checksum of the content, none of blocks, no content size, no dictionary.
import { lz4CompressBlock } from "./lz4-compress";
import { xxh32 } from "./xxh32";

export const MAGIC: u32 = 0x184d2204;
const BLOCK_BYTES: u32 = 4 << 20;
/** In a block's size: the block is stored as it is. */
export const STORED: u32 = 0x80000000;

/**
 * Writes the frame of length bytes to out and answers its size: at most length + 15 + 4 a block; 32 bytes more are
 * written over. acceleration 0 stores every block, as is done for what an earlier look found incompressible.
 */
export function lz4Frame(address: usize, length: u32, out: usize, acceleration: u32): u32 {
  let o = out;
  store<u32>(o, MAGIC);
  store<u8>(o, 0x64, 4); // version 1, independent blocks, content checksum
  store<u8>(o, 0x70, 5); // blocks up to 4 MiB
  store<u8>(o, <u8>(xxh32(o + 4, 2) >> 8), 6);
  o += 7;
  for (let done: u32 = 0; done < length; done += BLOCK_BYTES) {
    const part = min<u32>(length - done, BLOCK_BYTES);
    let size: u32 = 0;
    if (acceleration != 0 && part > 1) size = lz4CompressBlock(address + done, part, o + 4, part - 1, acceleration);
    if (size != 0) {
      store<u32>(o, size);
      o += 4 + size;
    } else {
      store<u32>(o, part | STORED);
      memory.copy(o + 4, address + done, part);
      o += 4 + part;
    }
  }
  store<u32>(o, 0);
  store<u32>(o, xxh32(address, length), 4);
  return <u32>(o + 8 - out);
}
