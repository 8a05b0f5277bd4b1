// AssemblyScript -> build/kernels.wasm, skipped when neither the sources nor the compiler nor the options changed.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const sources = join(root, "src", "kernels", "assembly");
const output = join(root, "build", "kernels.wasm");
const stampFile = join(root, "build", "kernels.sha256");

const options: readonly string[] = [
  ...["-O3", "--noAssert", "--converge", "--runtime", "stub"],
  ...["--enable", "simd", "--enable", "relaxed-simd", "--enable", "bulk-memory"],
  // address 0 stays unused; the host grows the memory by its arena, at most to 1 GiB
  ...["--memoryBase", "1024", "--initialMemory", "16", "--maximumMemory", "16384"],
  // v128 in signatures between our own files: they never reach the host
  ...["--disableWarning", "112"],
];

/** Everything the output depends on, as one digest. */
function stamp(): string {
  const digest = createHash("sha256").update(JSON.stringify(options));
  digest.update(readFileSync(join(root, "node_modules", "assemblyscript", "package.json")));
  const names = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  for (const name of names.toSorted()) digest.update(`${name}\0`).update(readFileSync(join(sources, name)));
  return digest.digest("hex");
}

async function compile(): Promise<void> {
  // loading the compiler takes longer than everything else when nothing is to be done
  const { main } = await import("assemblyscript/asc");
  const unfinished = join("build", `kernels-${process.pid}.wasm`);
  const { error, stderr } = await main([
    "src/kernels/assembly/index.ts",
    "--baseDir",
    root,
    "--outFile",
    unfinished,
    ...options,
  ]);
  process.stderr.write(String(stderr).replace("Last converge was suboptimal.\n", ""));
  if (error) throw error;
  renameSync(join(root, unfinished), output);
}

mkdirSync(join(root, "build"), { recursive: true });
const wanted = stamp();
if (!existsSync(output) || !existsSync(stampFile) || readFileSync(stampFile, "utf8") !== wanted) {
  await compile();
  writeFileSync(stampFile, wanted);
}
