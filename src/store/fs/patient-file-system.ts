import type { Patience } from "../../foundation/index.ts";
import type { FileSystem } from "../file-system.ts";

/**
 * A file system whose files may be held by other programs for a moment: what gives a file another name, or none, is tried
 * again. Links are not, since EPERM says there that the file system has none.
 */
export function patientFileSystem(inner: FileSystem, patience: Patience): FileSystem {
  return {
    create: (path) => inner.create(path),
    open: (path) => inner.open(path),
    mkdir: (path) => inner.mkdir(path),
    rename: (from, to) => patience.run(() => inner.rename(from, to)),
    link: (from, to) => inner.link(from, to),
    unlink: (path) => patience.run(() => inner.unlink(path)),
    syncDirectory: (path) => inner.syncDirectory(path),
    list: (path) => inner.list(path),
    stat: (path) => inner.stat(path),
    sizes: (paths) => inner.sizes(paths),
  };
}
