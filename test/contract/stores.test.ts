import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PTAR_PACKFILE_ID, PTAR_STATE_ID } from "../../src/format/index.ts";
import {
  createMemoryStore,
  FaultyFileSystem,
  openFsStore,
  openPtarStore,
  SimulatedDisk,
  type Strikes,
  withFaults,
  withThrottle,
} from "../../src/store/index.ts";
import { goldenPtars } from "../support/golden-reader.ts";
import {
  describeReadOnlyContract,
  describeStoreContract,
  type ReadOnlyUnderTest,
  type StoreUnderTest,
} from "./store.ts";

async function inDirectory(): Promise<StoreUnderTest> {
  const directory = mkdtempSync(join(tmpdir(), "plakar-store-"));
  const path = join(directory, "new", "store");
  return {
    store: openFsStore(path),
    reopen: async () => openFsStore(path),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

async function inMemory(): Promise<StoreUnderTest> {
  const store = createMemoryStore();
  return { store, reopen: async () => store };
}

/** As slow disks and networks do: every second write is not done at once. */
const everySecondWriteIsShort: Strikes = ({ name, number }) =>
  name === "write" && number % 2 === 0 ? "short" : undefined;

async function onSimulatedDisk(): Promise<StoreUnderTest> {
  const fileSystem = new FaultyFileSystem(new SimulatedDisk(), everySecondWriteIsShort);
  return {
    store: openFsStore("/store", { fileSystem }),
    reopen: async () => openFsStore("/store", { fileSystem }),
  };
}

describeStoreContract("a directory", inDirectory);
describeStoreContract("a directory on a simulated disk whose writes come up short", onSimulatedDisk);
describeStoreContract("memory", inMemory);
describeStoreContract("a layer of faults that lets all pass", async () => {
  const { store, reopen } = await inMemory();
  return { store: withFaults(store, () => undefined), reopen };
});
describeStoreContract("a throttle too wide to be felt", async () => {
  const { store, reopen } = await inMemory();
  return { store: withThrottle(store, { uploadBytesPerSecond: 2 ** 50, downloadBytesPerSecond: 2 ** 50 }), reopen };
});
/** Written by the Go implementation without gaps: header, CONFIG, packfile, state, footer. */
async function goldenPtar(name: string): Promise<ReadOnlyUnderTest> {
  const path = join(import.meta.dirname, "..", "golden", name);
  const whole = readFileSync(path);
  const footer = whole.subarray(-48);
  const section = (at: number): Uint8Array => {
    const offset = Number(footer.readBigInt64LE(at));
    return whole.subarray(offset, offset + Number(footer.readBigInt64LE(at + 8)));
  };
  return {
    store: openPtarStore(path),
    configuration: section(0),
    files: [
      { kind: "packfiles", id: PTAR_PACKFILE_ID, bytes: section(16) },
      { kind: "states", id: PTAR_STATE_ID, bytes: section(32) },
    ],
  };
}

for (const name of goldenPtars) describeReadOnlyContract(name, () => goldenPtar(name));
