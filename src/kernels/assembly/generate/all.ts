// Writes every generated AssemblyScript file anew. The outputs are in the repository, and a test compares them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatedFiles } from "./files.ts";

for (const [name, text] of Object.entries(generatedFiles())) {
  writeFileSync(join(import.meta.dirname, "..", "generated", name), text);
}
