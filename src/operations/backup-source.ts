import { isAbsolute } from "node:path";
import { type Clock, PlakarError } from "../foundation/index.ts";
import {
  CommandOutput,
  closeStandardInput,
  openFsSource,
  openStreamSource,
  openTarSource,
  readStandardInput,
  type Source,
  streamName,
} from "../source/index.ts";
import type { BackupOptions } from "./backup-contract.ts";
import type { BackupCounts } from "./backup-counts.ts";

/** `SCHEME:REST` of what is no path of the file system. */
const schemes = /^(stdin|tar|tgz|tar\+gz|tar\+gzip):(?:\/\/)?(.*)$/s;

/** What of a store and a machine a source is opened with. */
export interface Surroundings {
  /** Of the store. */
  readonly location: string;
  readonly hostName: string;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}

/** Whether it can be walked without consuming it: all but streams and archives. */
export function isFileSystem(options: Pick<BackupOptions, "paths" | "stdinCommand">): boolean {
  return options.stdinCommand === undefined && !options.paths.some((path) => schemes.test(path));
}

/** What a backup reads: the file system, standard input, a command's output, or an archive. */
export async function openSource(
  { location, clock, warn, ...host }: Surroundings,
  options: BackupOptions,
  counts: BackupCounts,
): Promise<Source> {
  const hostName = options.hostName ?? host.hostName;
  const modifiedNs = options.timestampNs ?? clock.nowNs();
  const [scheme, rest] = schemeOf(options);
  if (scheme === "stdin") return openStream(options, rest, { hostName, modifiedNs });
  if (scheme !== undefined) return openTarSource({ archive: rest, hostName, modifiedNs });
  return openFsSource({
    paths: options.paths.map((path) => path.replace(/^fs:(?:\/\/)?/, "")),
    hostName,
    extendedAttributes: !options.noXattr,
    ...(options.oneFileSystem && { oneFileSystem: true }),
    ...(options.leaveOut && { leaveOut: options.leaveOut }),
    onLeftOut: (path) => counts.excluded(path),
    // A store inside the tree would back itself up, for ever. Locations that are no path match nothing.
    excludePaths: isAbsolute(location) ? [location] : [],
    onWarning: warn,
  });
}

function schemeOf({ paths, stdinCommand }: BackupOptions): [scheme: string | undefined, rest: string] {
  const found = paths.map((path) => schemes.exec(path)).find((match) => match !== null);
  if (stdinCommand !== undefined && paths.length > 0 && found?.[1] !== "stdin") {
    throw mixed("-stdin-command has one argument at most: stdin:NAME");
  }
  if (!found) return stdinCommand === undefined ? [undefined, ""] : ["stdin", ""];
  if (paths.length > 1) throw mixed("a stream or an archive is backed up alone");
  return [found[1], found[2] ?? ""];
}

function openStream(
  { stdinCommand }: BackupOptions,
  typed: string,
  common: { readonly hostName: string; readonly modifiedNs: bigint },
): Source {
  const name = typed === "" ? "stdin" : streamName(typed);
  if (name === undefined) throw mixed(`stdin:${typed} names no file`);
  if (stdinCommand === undefined) {
    return openStreamSource({ ...common, name, open: readStandardInput, close: closeStandardInput });
  }
  const output = new CommandOutput(stdinCommand);
  return openStreamSource({ ...common, name, open: (signal) => output.read(signal), close: () => output.close() });
}

function mixed(message: string): PlakarError {
  return new PlakarError("source-mixed", message, { kind: "usage", advice: "See: plakar help backup" });
}
