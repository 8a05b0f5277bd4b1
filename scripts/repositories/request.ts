import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ScriptError } from "../support/script-error.ts";

export const usage = `usage: npm run repositories -- [--from DIRECTORY] [--file PATH]... [--to PLACE] [--suite SUITE]... [--release]
                               [--valid-for DAYS] [--keep N] [--allow-older] [--dry-run [--no-packages]]
                               [--renew [--new-record] | --verify | --states | --rollback STATE]
  --from         where the packages are; dist/packages by default
  --file         takes this package of that directory, and no others but those named so
  --to           where the repositories are published: a directory (dist/repositories by default),
                 s3://BUCKET/PREFIX?endpoint=URL&region=REGION, or git:REPOSITORY#BRANCH
  --suite        where the packages go; by default "stable" and the line ("0.1"), or "beta" for what precedes a release
  --valid-for    for how many days apt and dnf accept what is signed now, "none" for ever; by default as before
  --keep         only so many versions of each package, and no earlier states that name others
  --allow-older  takes versions that are older than what is published
  --release      refuses throw-away keys and half of a release
  --dry-run      does everything but write, and refuses what would be refused
  --no-packages  tries keys and place before there are packages
  --renew        adds no packages, and signs anew what expires soon, or what a new key has to sign
  --new-record   goes on without a publication.json that is damaged: name every suite there is with --suite
  --verify       only looks at what is published, as clients do
  --states       lists the earlier states that are kept
  --rollback     publishes the packages of an earlier state again`;

export interface Request {
  readonly from: string;
  /** Paths in `from`, as SHA256SUMS has them; undefined is everything. */
  readonly files: readonly string[] | undefined;
  readonly to: string;
  readonly suites: readonly string[] | undefined;
  /** 0 is for ever, undefined as before. */
  readonly validForSeconds: number | undefined;
  readonly keep: number | undefined;
  readonly allowOlder: boolean;
  readonly release: boolean;
  readonly dryRun: boolean;
  readonly noPackages: boolean;
  readonly newRecord: boolean;
  readonly task: "publish" | "renew" | "verify" | "states" | { readonly rollback: string };
}

/** Undefined when help was asked for. Throws a ScriptError with exit code 2 on anything it does not know. */
export function readRequest(argv: string[]): Request | undefined {
  const values = readOptions(argv);
  if (values.help === true) return undefined;
  for (const suite of values.suite ?? []) {
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(suite)) refuse(`"${suite}" is no name for a suite`);
  }
  if (values.to === "") refuse("--to names no place");
  const task = readTask(values);
  requireSense(values, task);
  const from = values.from ?? "dist/packages";
  return {
    from,
    files: values.file?.map((path) => pathIn(from, path)),
    to: values.to ?? "dist/repositories",
    suites: values.suite,
    validForSeconds: values["valid-for"] === "none" ? 0 : readNumber(values["valid-for"], "days", 0, 24 * 3600),
    keep: readNumber(values.keep, "versions", 1, 1),
    allowOlder: values["allow-older"] ?? false,
    release: values.release ?? false,
    dryRun: values["dry-run"] ?? false,
    noPackages: values["no-packages"] ?? false,
    newRecord: values["new-record"] ?? false,
    task,
  };
}

function readTask(values: Options): Request["task"] {
  const tasks = [
    ...(values.renew === true ? (["renew"] as const) : []),
    ...(values.verify === true ? (["verify"] as const) : []),
    ...(values.states === true ? (["states"] as const) : []),
    ...(values.rollback === undefined ? [] : [{ rollback: values.rollback }]),
  ];
  if (tasks.length > 1) refuse("--renew, --verify, --states and --rollback exclude each other");
  return tasks[0] ?? "publish";
}

/** What would be passed over in silence is refused. */
function requireSense(values: Options, task: Request["task"]): void {
  const writes = task !== "verify" && task !== "states";
  if (values["dry-run"] === true && !writes) refuse("--dry-run is for what writes");
  if (values.file !== undefined && task !== "publish") refuse("--file is for publishing");
  if (values.keep !== undefined && task !== "publish" && task !== "renew")
    refuse("--keep is for publishing and --renew");
  if (values["no-packages"] === true && (values["dry-run"] !== true || task !== "publish" || values.file !== undefined))
    refuse("--no-packages is for a --dry-run of publishing");
  if (values["new-record"] === true && (task !== "renew" || values.suite === undefined))
    refuse("--new-record is for --renew, with every suite that is published (--suite)");
}

function pathIn(from: string, path: string): string {
  const inside = relative(from, resolve(from, path)).replaceAll("\\", "/");
  if (inside === "" || inside.startsWith("..")) refuse(`${path} does not lie in ${from}`);
  return inside;
}

function readNumber(text: string | undefined, what: string, least: number, unit: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,4}$/.test(text) || Number(text) < least) refuse(`"${text}" is not a number of ${what}`);
  return Number(text) * unit;
}

type Options = ReturnType<typeof parse>;

function readOptions(args: string[]): Options {
  try {
    return parse(args);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

// biome-ignore lint/nursery/useExplicitType: parseArgs tells from the options what comes out
function parse(args: string[]) {
  const text = { type: "string" } as const;
  const texts = { type: "string", multiple: true } as const;
  const flag = { type: "boolean" } as const;
  const options = {
    from: text,
    file: texts,
    to: text,
    suite: texts,
    "valid-for": text,
    keep: text,
    "allow-older": flag,
    release: flag,
    "dry-run": flag,
    "no-packages": flag,
    renew: flag,
    "new-record": flag,
    verify: flag,
    states: flag,
    rollback: text,
    help: { type: "boolean", short: "h" },
  } as const;
  return parseArgs({ args, options }).values;
}

function refuse(problem: string): never {
  throw new ScriptError(`repositories: ${problem} (--help says more)`, 2);
}
