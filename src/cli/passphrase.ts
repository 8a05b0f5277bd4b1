import { openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { ReadStream } from "node:tty";
import { environment, messageOf, nativePath, onAbort, PlakarError } from "../foundation/index.ts";

const WEAK_BELOW = 8;

/** Where the passphrase comes from: -keyfile, `$PLAKAR_PASSPHRASE`, then the terminal. Never from the command line. */
export async function askPassphrase(
  keyfile: string,
  options: { readonly twice: boolean; readonly weakAllowed?: boolean; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  if (keyfile !== "") return readKeyfile(keyfile);
  const given = environment("PLAKAR_PASSPHRASE");
  if (given !== undefined) return Buffer.from(given, "utf8");
  const terminal = openTerminal();
  if (!terminal) throw missing("the store is encrypted, and there is no passphrase and no terminal to ask on");
  try {
    return await askOn(terminal, options);
  } finally {
    if (terminal !== process.stdin) terminal.destroy();
  }
}

/** Where a person types: standard input, or behind a pipe the terminal itself; undefined when nobody watches. */
function openTerminal(): ReadStream | undefined {
  if (!process.stderr.isTTY) return undefined;
  if (process.stdin.isTTY) return process.stdin;
  if (process.platform === "win32") return undefined;
  try {
    return new ReadStream(openSync("/dev/tty", "r"));
  } catch {
    return undefined; // no terminal belongs to this process
  }
}

async function askOn(
  terminal: ReadStream,
  options: { readonly twice: boolean; readonly weakAllowed?: boolean; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const passphrase = await prompt(terminal, "Passphrase: ", options.signal);
  if (passphrase === "")
    throw refused("an empty passphrase protects nothing", "Type one, or create the store with -plaintext.");
  if (options.twice && passphrase !== (await prompt(terminal, "The same again: ", options.signal)))
    throw refused("the two passphrases differ", "Try again.");
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
function prompt(input: ReadStream, question: string, signal: AbortSignal): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input, output: silent, terminal: true });
  return new Promise((resolve, reject) => {
    const giveUp = (reason: unknown): void => {
      reject(reason);
      terminal.close();
    };
    // the terminal is in raw mode: Ctrl-C comes as a key
    terminal.on("SIGINT", () =>
      giveUp(new PlakarError("interrupted", "interrupted; nothing was done", { kind: "interrupted" })),
    );
    onAbort(signal, giveUp);
    terminal.on("close", () => {
      process.stderr.write("\n");
      reject(missing("no passphrase was typed"));
    });
    terminal.question("", (answer) => {
      resolve(answer);
      terminal.close();
    });
    process.stderr.write(question);
  });
}

function missing(message: string): PlakarError {
  return new PlakarError("passphrase-missing", message, {
    kind: "denied",
    advice: "Set PLAKAR_PASSPHRASE, or give -keyfile FILE.",
  });
}

function refused(message: string, advice: string): PlakarError {
  return new PlakarError("passphrase-refused", message, { kind: "input", advice });
}
