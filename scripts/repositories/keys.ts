/** The keys that repositories are signed with: what the environment names, else throw-away keys for trying things out. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  makeThrowAwayApkKey,
  makeThrowAwayOpenPgpKey,
  RepositoryError,
  readApkSigners,
  readOpenPgpSigners,
  type Signing,
} from "../../packaging/repositories/index.ts";
import { ScriptError } from "../support/script-error.ts";

export interface KeyOptions {
  /** Where throw-away keys lie, or are made. */
  readonly folder: string;
  readonly timeSeconds: number;
  /** Refuses throw-away keys. */
  readonly release: boolean;
}

/**
 * `PLAKAR_RELEASE_PGP_KEY` and `PLAKAR_RELEASE_APK_KEY` name files with private keys; `…_KEY_BEFORE` those of the keys that
 * they replace, which sign beside them during a rotation. `PLAKAR_RELEASE_PGP_PASSPHRASE` unlocks what is locked.
 */
export async function readSigningKeys(options: KeyOptions): Promise<Pick<Signing, "openPgp" | "apk">> {
  const passphrase = process.env["PLAKAR_RELEASE_PGP_PASSPHRASE"];
  const { timeSeconds } = options;
  const pgp = await keyTexts("PLAKAR_RELEASE_PGP_KEY", "throw-away.pgp", makeThrowAwayOpenPgpKey, options);
  const openPgp = await readOpenPgpSigners(pgp.join("\n"), { passphrase, timeSeconds });
  const apk = await keyTexts("PLAKAR_RELEASE_APK_KEY", "throw-away.rsa", makeThrowAwayApkKey, options);
  return { openPgp, apk: readApkSigners(apk.join("\n")) };
}

/** The newest first. */
async function keyTexts(
  variable: string,
  throwAway: string,
  make: () => string | Promise<string>,
  { folder, release }: KeyOptions,
): Promise<string[]> {
  const named = [variable, `${variable}_BEFORE`].flatMap((name) => {
    const file = process.env[name] ?? "";
    return file === "" ? [] : [readKeyFile(name, file)];
  });
  if (named.length > 0) return named;
  if (release)
    throw new RepositoryError(
      "key",
      "a release needs a key of its own",
      `set ${variable} to the file of a private key`,
    );
  const file = join(folder, throwAway);
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await make(), { mode: 0o600, flag: "wx" });
  }
  process.stderr.write(`${variable} is not set: signed with ${file}, a throw-away key that nobody should trust\n`);
  return [readFileSync(file, "utf8")];
}

function readKeyFile(variable: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new ScriptError(`${variable} names ${file}, which cannot be read\nname the file of a private key`);
  }
}
