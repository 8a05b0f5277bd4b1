import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";

/**
 * Every step by which the fs store changes or lists a directory tree, one function each, so that tests can stop the program
 * between any two of them. Errors are the system's own.
 */
export interface FileSystem {
  mkdir(path: string): void;
  /** Makes a new file (0600) and writes all of it. */
  writeNew(path: string, bytes: Uint8Array): void;
  fsync(path: string): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  list(path: string): string[];
  sizeOf(path: string): number;
}

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

export const systemFileSystem: FileSystem = {
  mkdir: (path) => mkdirSync(path, { mode: DIRECTORY_MODE }),
  writeNew: (path, bytes) => {
    const fd = openSync(path, "wx", FILE_MODE);
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(fd, bytes, done);
    } finally {
      closeSync(fd);
    }
  },
  fsync: (path) => {
    const fd = openSync(path, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  },
  rename: renameSync,
  unlink: unlinkSync,
  list: (path) => readdirSync(path),
  sizeOf: (path) => statSync(path).size,
};
