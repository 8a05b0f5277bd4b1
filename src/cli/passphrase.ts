import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { environment, messageOf, nativePath, PlakarError } from "../foundation/index.ts";

const WEAK_BELOW = 8;

/** Where the passphrase comes from: -keyfile, `$PLAKAR_PASSPHRASE`, then the terminal. Never from the command line. */
export async function askPassphrase(
  keyfile: string,
  options: { readonly twice: boolean; readonly weakAllowed?: boolean },
): Promise<Uint8Array> {
  if (keyfile !== "") return readKeyfile(keyfile);
  const given = environment("PLAKAR_PASSPHRASE");
  if (given !== undefined) return Buffer.from(given, "utf8");
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new PlakarError(
      "passphrase-missing",
      "the store is encrypted, and there is no passphrase and no terminal to ask on",
      {
        kind: "denied",
        advice: "Set PLAKAR_PASSPHRASE, or give -keyfile FILE.",
      },
    );
  }
  const passphrase = await prompt("Passphrase: ");
  if (options.twice && passphrase !== (await prompt("The same again: ")))
    throw refused("the two passphrases differ", "Try again.");
  if (passphrase === "")
    throw refused("an empty passphrase protects nothing", "Type one, or create the store with -plaintext.");
  if (options.twice && !options.weakAllowed && passphrase.length < WEAK_BELOW) {
    throw refused(
      `the passphrase is shorter than ${WEAK_BELOW} characters`,
      "Take a longer one, or say -weak-passphrase.",
    );
  }
  return Buffer.from(passphrase, "utf8");
}

/** The file without its final line break. */
function readKeyfile(path: string): Uint8Array {
  let content: string;
  try {
    content = readFileSync(nativePath(path), "latin1");
  } catch (error) {
    throw new PlakarError("passphrase-missing", `the key file ${path} cannot be read: ${messageOf(error)}`, {
      kind: "denied",
      advice: "Name a readable file that holds the passphrase.",
      cause: error,
    });
  }
  const passphrase = content.replace(/\r?\n$/, "");
  if (passphrase === "") throw refused(`the key file ${path} is empty`, "Put the passphrase into it.");
  return Buffer.from(passphrase, "latin1");
}

/** Asks on the terminal without showing what is typed. */
function prompt(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve) => {
    terminal.question("", (answer) => {
      terminal.close();
      process.stderr.write("\n");
      resolve(answer);
    });
  });
}

function refused(message: string, advice: string): PlakarError {
  return new PlakarError("passphrase-refused", message, { kind: "input", advice });
}
