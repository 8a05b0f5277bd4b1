/** Who may import whom. The first folder below src is a room; a room is entered through its index.ts or contract.ts. */
export interface Room {
  /** Rooms whose index.ts and contract.ts may be imported. */
  readonly rooms: readonly string[];
  /** Rooms of which only contract.ts may be imported. */
  readonly contracts?: readonly string[];
  /** Modules of Node. */
  readonly builtins: readonly string[];
}

/** What does not depend on the machine, the time or chance. */
const none: readonly string[] = [];
/** Files, threads, streams; the wire belongs to those that name it. */
const machine = [
  ...["async_hooks", "buffer", "child_process", "events", "fs", "fs/promises", "os", "path", "path/posix", "process"],
  ...["stream", "stream/promises", "string_decoder", "timers/promises", "tty", "url", "util", "worker_threads"],
];
const wire = ["dns", "http", "http2", "https", "net", "tls"];
const edge = [...machine, ...wire, "crypto", "module", "readline", "readline/promises", "sqlite", "zlib"];

const edges = ["agent", "cli", "mount", "plugins", "server"];
const edgeRoom: Room = {
  rooms: ["operations", "snapshot", "configuration", "foundation", ...edges],
  contracts: ["store", "repository", "source", "destination"],
  builtins: edge,
};

export const table: Readonly<Record<string, Room>> = {
  foundation: { rooms: [], builtins: [...machine, "crypto", "perf_hooks", "sea"] },
  system: { rooms: ["foundation"], builtins: [...machine, "ffi"] },
  kernels: { rooms: ["foundation"], builtins: none },
  format: { rooms: ["foundation"], builtins: none },
  chunking: { rooms: ["foundation", "kernels"], builtins: none },
  sealing: { rooms: ["foundation", "format", "kernels"], builtins: ["crypto", "zlib", "util"] },
  store: { rooms: ["foundation", "system", "format"], builtins: [...machine, ...wire] },
  // its sealer works in the memory of the kernels
  repository: { rooms: ["foundation", "format", "sealing", "kernels"], contracts: ["store"], builtins: machine },
  snapshot: { rooms: ["foundation", "format", "repository"], builtins: ["crypto"] },
  source: { rooms: ["foundation", "system"], builtins: [...machine, "zlib"] },
  destination: { rooms: ["foundation", "system"], builtins: [...machine, "zlib"] },
  pipeline: {
    // its workers give files their metadata as the destination does
    rooms: ["foundation", "system", "format", "chunking", "sealing", "kernels", "destination"],
    contracts: ["repository", "store"],
    builtins: machine,
  },
  operations: {
    // it opens the stores, and names what it lists in the words of the format
    rooms: [
      "snapshot",
      "repository",
      "source",
      "destination",
      "pipeline",
      "configuration",
      "foundation",
      "store",
      "format",
    ],
    builtins: machine,
  },
  configuration: { rooms: ["foundation", "system"], builtins: [...machine, "crypto"] },
  ...Object.fromEntries(edges.map((name) => [name, edgeRoom])),
  // it holds what others made, and opens nothing itself
  agent: { rooms: ["foundation", "system"], builtins: edge },
  // it runs in a browser, and knows only what the API answers
  web: { rooms: [], contracts: ["server"], builtins: none },
};

/** Files that lie in src itself. */
export const topFiles: Readonly<Record<string, Room>> = {
  "main.ts": { rooms: ["cli", "foundation"], builtins: ["process"] },
  "version.ts": { rooms: [], builtins: none },
};

/** Read by a script and a test, and no part of the program. */
export const generators = "kernels/assembly/generate/";
/** Written by the generators. */
export const generated = "kernels/assembly/generated/";
