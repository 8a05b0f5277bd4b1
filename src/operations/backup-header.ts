import { asMac, encodeHeader, ResourceType, type SnapshotHeader, type SnapshotId, V1_0_0 } from "../format/index.ts";
import { fromHex, hostFacts } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import type { BuiltSource } from "../snapshot/index.ts";
import type { Source } from "../source/index.ts";
import type { BackupOptions } from "./backup-contract.ts";
import type { BackupSession } from "./backup-session.ts";
import { partsContext } from "./source-parts.ts";

const CLIENT_KEY = "Client";
/** Which program made a snapshot. */
export const CLIENT = "plakar (TypeScript)";

export function clientOf({ context }: SnapshotHeader): string | undefined {
  return context?.find(({ key }) => key === CLIENT_KEY)?.value;
}

interface HeaderWork {
  readonly repository: Repository;
  readonly options: BackupOptions;
  readonly source: Source;
  readonly session: BackupSession;
  readonly id: SnapshotId;
  readonly startedMs: number;
}

/** Stores the header under the snapshot's id, last of all blobs. It is found once the state is committed. */
export function writeHeader(work: HeaderWork, built: BuiltSource): void {
  const header = headerOf(work, built);
  work.session.writer.putUnder(ResourceType.snapshot, asMac(fromHex(work.id)), encodeHeader(header));
}

function headerOf({ repository, options, source, id, startedMs }: HeaderWork, built: BuiltSource): SnapshotHeader {
  const { clock } = repository.parts;
  return {
    version: V1_0_0,
    identifier: asMac(fromHex(id)),
    timestampNs: options.timestampNs ?? clock.nowNs(),
    durationNs: BigInt(Math.round((clock.monotonicMs() - startedMs) * 1e6)),
    identity: { identifier: new Uint8Array(16), publicKey: null },
    name: options.name,
    category: options.category,
    environment: options.environment,
    perimeter: options.perimeter,
    job: options.job,
    replicas: 1,
    dataset: "",
    dataClasses: [],
    classifications: [],
    tags: [...options.tags],
    context: [...contextOf(options, repository.parts.hostName), ...partsContext(repository, source)],
    sources: [
      {
        importer: { type: source.type, origin: source.origin, directory: source.root },
        context: [],
        root: built.root,
        indexes: built.indexes,
        summary: built.summary,
      },
    ],
  };
}

/** The keys are the Go implementation's own; it shows them in `info`. */
function contextOf(options: BackupOptions, hostName: string): { key: string; value: string }[] {
  const host = hostFacts();
  return [
    { key: "Hostname", value: hostName },
    { key: "Username", value: host.userName },
    { key: "OperatingSystem", value: host.operatingSystem },
    { key: "CommandLine", value: options.commandLine },
    { key: "ProcessID", value: String(host.processId) },
    { key: "Architecture", value: host.architecture },
    { key: "NumCPU", value: String(host.cpuCount) },
    { key: CLIENT_KEY, value: CLIENT },
  ];
}
