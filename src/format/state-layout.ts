/*
 * The entries of a state (kloset-format section 6): u8 kind, u32 length, payload. Numbers are little-endian. Kind 5
 * (configuration) is never written: the Go implementation cannot open such a store (format-gaps section 0).
 */
export const KIND_END = 1;
export const KIND_LOCATION = 2;
export const KIND_COLOURED = 3;
export const KIND_PACKFILE = 4;
export const KIND_CONFIGURATION = 5;
export const KIND_DELETE = 6;

export const ENTRY_HEADER_BYTES = 5;
/** u8 type, u32 version, MAC, packfile, u64 offset, u32 length, u32 flags */
export const LOCATION_BYTES = 85;
/** u8 type, id, i64 time */
export const COLOURED_BYTES = 41;
/** packfile, state, i64 time */
export const PACKFILE_BYTES = 72;
/** u8 kind, u8 type, MAC, packfile */
export const DELETE_BYTES = 66;
/** u8 kind 1 without a length, u32 version, i64 time, serial */
export const TRAILER_BYTES = 29;
export const ID_BYTES = 32;
export const SERIAL_BYTES = 16;
