import { createStore } from "../../operations/index.ts";
import type { Command } from "../command.ts";
import { usageError } from "../parse.ts";
import { askPassphrase } from "../passphrase.ts";

export const createCommand: Command = {
  name: "create",
  summary: "make a new store",
  usage: "create [flags] [STORE]",
  description: [
    "Makes an empty store in a directory that does not exist yet or is empty. It is encrypted unless -plaintext says otherwise:",
    "the passphrase comes from -keyfile, $PLAKAR_PASSPHRASE or the terminal, and cannot be changed or recovered later.",
  ],
  flags: [
    { name: "plaintext", kind: "boolean", help: "do not encrypt" },
    { name: "hashing", kind: "choice", choices: ["BLAKE3", "SHA256"], help: "how content is named (default BLAKE3)" },
    { name: "no-compression", kind: "boolean", help: "do not compress" },
    {
      name: "compression",
      kind: "choice",
      choices: ["LZ4", "GZIP", "ZSTD"],
      help: "default LZ4; ZSTD needs a Go plakar of 1.2 or later",
    },
    {
      name: "kdf",
      kind: "choice",
      choices: ["default", "strong"],
      help: "strong: the Go implementation's key derivation, about a second and 256 MiB for every command",
    },
    { name: "weak-passphrase", kind: "boolean", help: "accept a short passphrase" },
  ],
  examples: [["plakar at /srv/backup create", "Make an encrypted store."]],
  async run({ args, flags, output, location, signal }) {
    if (args.length > 1) throw usageError("create takes one store at most", "See: plakar help create");
    if (flags.is("plaintext") && flags.text("keyfile") !== "")
      throw usageError("a plaintext store has no key", "Leave -keyfile away, or -plaintext.");
    const place = args[0] ?? location;
    const weakAllowed = flags.is("weak-passphrase");
    const ask = (): Promise<Uint8Array> => askPassphrase(flags.text("keyfile"), { twice: true, weakAllowed, signal });
    const made = await createStore({
      location: place,
      passphrase: flags.is("plaintext") ? async () => null : ask,
      hashing: flags.text("hashing", "BLAKE3") === "SHA256" ? "SHA256" : "BLAKE3",
      compression: flags.is("no-compression") ? null : compressionOf(flags.text("compression", "LZ4")),
      kdf: flags.text("kdf", "default") === "strong" ? "strong" : "default",
    });
    if (output.json)
      output.object({
        type: "store",
        location: made.location,
        repository: made.repositoryId,
        encrypted: made.encrypted,
      });
    else output.message(`made ${made.encrypted ? "an encrypted" : "a plaintext"} store in ${made.location}`);
    return 0;
  },
};

function compressionOf(name: string): "LZ4" | "GZIP" | "ZSTD" {
  return name === "GZIP" || name === "ZSTD" ? name : "LZ4";
}
