import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { isMakerName, type MakerName, makers } from "../executable/maker.ts";
import { ScriptError } from "../support/script-error.ts";
import { isTarget, type Target, targets } from "../support/targets.ts";
import { isReleaseVersion } from "../support/version.ts";

/** What is made for each target. */
export const kindsOf: Readonly<Record<Target, readonly Kind[]>> = {
  "linux-amd64": ["deb", "rpm", "apk", "tarball"],
  "linux-arm64": ["deb", "rpm", "apk", "tarball"],
  "windows-amd64": ["zip", "installer"],
  "darwin-amd64": ["tarball"],
  "darwin-arm64": ["tarball"],
};

export type Kind = "deb" | "rpm" | "apk" | "tarball" | "zip" | "installer";

const kinds: readonly string[] = [...new Set(Object.values(kindsOf).flat())];

export const usage: string = `usage: npm run package -- [--target TARGET]... [--only KIND]... [--version VERSION] [--to DIRECTORY]
                          [--maker MAKER] [--fast]
  --target    ${Object.keys(targets).join(", ")};
              all of them by default
  --only      ${kinds.join(", ")}; everything there is for a target by default
  --version   what the release is called; package.json's version by default
  --to        where it goes; dist/packages by default
  --maker     ${Object.keys(makers).join(" or ")}: how the executable is made
  --fast      compress less; for trying things out`;

export interface Request {
  readonly version: string;
  readonly targets: readonly Target[];
  /** All that a target has, where it is undefined. */
  readonly only: readonly Kind[] | undefined;
  readonly folder: string;
  readonly maker: MakerName;
  readonly fast: boolean;
}

/** The kinds that a request wants of a target. */
export function wantedKinds(target: Target, { only }: Pick<Request, "only">): readonly Kind[] {
  return kindsOf[target].filter((kind) => only === undefined || only.includes(kind));
}

/** Whether one of them runs on a loader and libraries of its own. */
export function carriesLibraries(target: Target, request: Pick<Request, "only">): boolean {
  return (
    target.startsWith("linux-") && wantedKinds(target, request).some((kind) => kind === "apk" || kind === "tarball")
  );
}

/** Undefined when help was asked for. Throws a ScriptError with exit code 2 on anything it does not know. */
export function readRequest(argv: string[]): Request | undefined {
  const values = readOptions(argv);
  if (values.help === true) return undefined;
  const only = values.only?.map((kind) => (isKind(kind) ? kind : refuse(`there are no packages of kind "${kind}"`)));
  const named = values.target?.map((target) => (isTarget(target) ? target : refuse(`there is no target "${target}"`)));
  const chosen = named ?? Object.keys(targets).filter(isTarget);
  const fitting = chosen.filter((target) => only === undefined || kindsOf[target].some((kind) => only.includes(kind)));
  if (fitting.length === 0) refuse(`there is no ${only?.join(" or ")} for ${chosen.join(" or ")}`);
  const version = values.version ?? packageVersion();
  if (!isReleaseVersion(version)) refuse(`"${version}" is not a version such as 1.2.3 or 1.2.3-rc.1`);
  const { maker = "sea", to: folder = "dist/packages", fast = false } = values;
  if (!isMakerName(maker)) refuse(`there is no maker "${maker}"`);
  return { version, targets: fitting, only, folder, maker, fast };
}

function readOptions(args: string[]): ReturnType<typeof parse>["values"] {
  try {
    return parse(args).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function parse(args: string[]): ParsedOptions {
  const text = { type: "string" } as const;
  const texts = { type: "string", multiple: true } as const;
  const boolean = { type: "boolean" } as const;
  const help = { type: "boolean", short: "h" } as const;
  return parseArgs({
    args,
    options: { target: texts, only: texts, version: text, to: text, maker: text, fast: boolean, help },
  });
}

interface ParsedOptions {
  readonly values: {
    readonly target?: string[];
    readonly only?: string[];
    readonly version?: string;
    readonly to?: string;
    readonly maker?: string;
    readonly fast?: boolean;
    readonly help?: boolean;
  };
}

function refuse(problem: string): never {
  throw new ScriptError(`package: ${problem} (--help says more)`, 2);
}

function isKind(name: string): name is Kind {
  return kinds.includes(name);
}

/** The version of the sources. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version;
}
