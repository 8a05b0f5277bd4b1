import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { TestKeys } from "./test-keys.ts";

const project = join(import.meta.dirname, "../../..");
const isPackage = (path: string): boolean => /\.(deb|rpm|apk)$/.test(path);

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ScriptProjectSetting {
  /** Holds packages, as `makeSmallPackages` leaves them. */
  readonly packages: string;
  readonly keys: TestKeys;
  /** What `SOURCE_DATE_EPOCH` says. */
  readonly timeSeconds: number;
}

/** A project of its own in a folder, so that keys and results of `npm run repositories` do not meet those of others. */
export class ScriptProject {
  readonly work: string;
  readonly #setting: ScriptProjectSetting;

  constructor(work: string, setting: ScriptProjectSetting) {
    this.work = work;
    this.#setting = setting;
    mkdirSync(join(work, "dist/packages/x86_64"), { recursive: true });
    for (const name of [".cache", "packaging"]) symlinkSync(join(project, name), join(work, name));
    writeFileSync(join(work, "pgp.asc"), setting.keys.openPgpPrivate);
    writeFileSync(join(work, "apk.pem"), setting.keys.apkPrivate);
  }

  /** Lays packages where `npm run package` leaves them. */
  provide(version: string): void {
    const made = readdirSync(this.#setting.packages, { recursive: true, encoding: "utf8" });
    for (const path of made.filter((file) => file.includes(`small-${version}-`) && isPackage(file))) {
      const target = join(this.work, "dist/packages", path.endsWith(".apk") ? "x86_64" : "", basename(path));
      copyFileSync(join(this.#setting.packages, path), target);
    }
    this.writeChecksums();
  }

  writeChecksums(): void {
    const packages = join(this.work, "dist/packages");
    const digest = (path: string): string =>
      createHash("sha256")
        .update(readFileSync(join(packages, path)))
        .digest("hex");
    const paths = readdirSync(packages, { recursive: true, encoding: "utf8" }).filter(isPackage);
    writeFileSync(join(packages, "SHA256SUMS"), paths.map((path) => `${digest(path)}  ${path}\n`).join(""));
  }

  run(words: readonly string[] = [], environment: Record<string, string> = {}): Answer {
    const { timeSeconds } = this.#setting;
    const env = { PATH: process.env["PATH"], HOME: this.work, SOURCE_DATE_EPOCH: String(timeSeconds), ...environment };
    const script = join(project, "scripts/repositories.ts");
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], {
      cwd: this.work,
      env,
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  }

  configured(): Record<string, string> {
    return {
      PLAKAR_RELEASE_PGP_KEY: join(this.work, "pgp.asc"),
      PLAKAR_RELEASE_APK_KEY: join(this.work, "apk.pem"),
    };
  }

  later(seconds: number): Record<string, string> {
    return { ...this.configured(), SOURCE_DATE_EPOCH: String(this.#setting.timeSeconds + seconds) };
  }
}
