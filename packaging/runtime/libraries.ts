/** The loader and the libraries that Node is linked to, for systems that have none: out of packages of Debian 12. */
import type { PackageDescription } from "../nfpm-wrapper/index.ts";

export type Architecture = Exclude<PackageDescription["architecture"], "all">;

export interface RuntimePlatform {
  /** The GNU name, which Debian's folders bear. */
  readonly triplet: string;
  readonly loader: string;
  /** The largest that the kernel may have there: segments of a file that is patched must begin at multiples of it. */
  readonly pageSize: number;
}

export const platforms: Readonly<Record<Architecture, RuntimePlatform>> = {
  amd64: { triplet: "x86_64-linux-gnu", loader: "ld-linux-x86-64.so.2", pageSize: 0x1000 },
  arm64: { triplet: "aarch64-linux-gnu", loader: "ld-linux-aarch64.so.1", pageSize: 0x10000 },
};

/**
 * Debian's package -> what is taken of it; the loader as well. A test compares the list with what Node names (`readelf -d`).
 * User names and DNS need nothing more: since glibc 2.34 `files` and `dns` of nsswitch.conf are within libc. What else may
 * stand there (sss, systemd) is taken from the system if it fits, and passed over if not.
 */
export const libraries: Readonly<Record<string, readonly string[]>> = {
  libc6: ["libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0"],
  "libstdc++6": ["libstdc++.so.6"],
  "libgcc-s1": ["libgcc_s.so.1"],
  libatomic1: ["libatomic.so.1"],
};

/** Holds the licence that the two packages of gcc's libraries refer to. */
export const licensePackages: Readonly<Record<string, string>> = {
  libc6: "libc6",
  "libstdc++6": "gcc-12-base",
  "libgcc-s1": "gcc-12-base",
  libatomic1: "gcc-12-base",
};
