/** Foundation: bytes, errors, clock, random, cancellation, concurrency, progress, sizes, durations. Imports nothing of ours. */
export * from "./asset.ts";
export * from "./byte-string.ts";
export * from "./bytes.ts";
export * from "./cancellation.ts";
export * from "./clock.ts";
export * from "./concurrency.ts";
export { count } from "./count.ts";
export * from "./durations.ts";
export * from "./environment.ts";
export * from "./errors.ts";
export * from "./host.ts";
export * from "./item.ts";
export { makeDirectories } from "./make-directories.ts";
export * from "./native-path.ts";
export * from "./patience.ts";
export * from "./progress.ts";
export * from "./random.ts";
export * from "./sizes.ts";
export { parseMoment } from "./times.ts";
export * from "./windows-names.ts";
export {
  fromWindowsPath,
  fromWindowsTarget,
  isAboveDrives,
  isWindowsPath,
  toWindowsTarget,
  typedOnWindows,
} from "./windows-path.ts";
