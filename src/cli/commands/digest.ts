import { type ByteString, toBytes, toDisplay, toHex } from "../../foundation/index.ts";
import { digestFiles, digestNames } from "../../operations/index.ts";
import type { Command } from "../command.ts";
import { usageError } from "../parse.ts";
import { withRepository } from "../store.ts";

/**
 * A line that `sha256sum -c` reads, whatever the name: its bytes as they are, but for a backslash and ends of lines, which are
 * written as C has them, and then there is a backslash before the line (GNU coreutils, "md5sum invocation").
 */
function checkLine(algorithm: string, path: ByteString, digest: string): ByteString {
  const escaped = path.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `${escaped === path ? "" : "\\"}${algorithm} (${escaped}) = ${digest}\n` as ByteString;
}

export const digestCommand: Command = {
  name: "digest",
  summary: "print digests of files in a snapshot",
  usage: "digest [-hashing ALGORITHM] SNAPSHOT[:PATH]...",
  description: [
    "Prints a digest of each file, or of all files below a directory, in the style of BSD: `sha256sum -c` and b3sum read it.",
    "Every part is verified before it counts. Symbolic links are not followed.",
  ],
  flags: [{ name: "hashing", kind: "choice", choices: digestNames, help: "which digest; SHA256 is the default" }],
  examples: [["plakar digest latest:/etc", "Digests of all files in /etc."]],
  run: (context) =>
    withRepository(context, async (repository) => {
      const { args, flags, output, signal } = context;
      if (args.length === 0) throw usageError("digest wants SNAPSHOT or SNAPSHOT:PATH", "See: plakar help digest");
      const algorithm = digestNames.find((name) => name === flags.text("hashing")) ?? "SHA256";
      for (const target of args) {
        for await (const { path, digest, sizeBytes } of digestFiles(repository, target, { algorithm, signal })) {
          if (output.readerIsGone) return 0;
          if (output.json)
            output.object({ type: "digest", path: toDisplay(path), algorithm, digest: toHex(digest), sizeBytes });
          else if (process.stdout.isTTY) output.line(`${algorithm} (${toDisplay(path)}) = ${toHex(digest)}`);
          else output.bytes(toBytes(checkLine(algorithm, path, toHex(digest))));
        }
      }
      return 0;
    }),
};
