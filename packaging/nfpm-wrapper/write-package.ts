import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { toConfiguration } from "./configuration.ts";
import type { PackageDescription, PackageFormat } from "./description.ts";

export interface WriteOptions {
  /** The nfpm to run, see `findNfpm`. */
  readonly nfpm: string;
  readonly format: PackageFormat;
  readonly output: string;
  /** Where the configuration is left, for whoever wants to see it. */
  readonly parts: string;
}

/** Writes one package. Equal files and equal times give equal bytes. */
export function writePackage(description: PackageDescription, { nfpm, format, output, parts }: WriteOptions): void {
  const configuration = join(parts, `nfpm-${format}.json`);
  writeFileSync(configuration, toConfiguration(description, format));
  mkdirSync(dirname(output), { recursive: true });
  execFileSync(nfpm, ["package", "--config", configuration, "--packager", format, "--target", output], {
    // nothing else of the environment, so that it cannot change the package
    env: { PATH: process.env["PATH"], SOURCE_DATE_EPOCH: String(description.timeSeconds) },
    stdio: ["ignore", "ignore", "inherit"],
  });
}
