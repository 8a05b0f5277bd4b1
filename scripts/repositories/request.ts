import { parseArgs } from "node:util";
import { ScriptError } from "../support/script-error.ts";

export const usage = `usage: npm run repositories -- [--from DIRECTORY] [--to PLACE] [--suite SUITE]... [--valid-for DAYS]
                               [--allow-older] [--release] [--renew | --verify | --states | --rollback STATE]
  --from         where the packages are; dist/packages by default
  --to           where the repositories are published: a directory (dist/repositories by default),
                 s3://BUCKET/PREFIX?endpoint=URL&region=REGION, or git:REPOSITORY#BRANCH
  --suite        where the packages go; by default "stable" and the line ("0.1"), or "beta" for what precedes a release
  --valid-for    for how many days apt and dnf accept what is signed now; without it, for ever
  --allow-older  takes versions that are older than what is published
  --release      refuses throw-away keys and half of a release
  --renew        adds no packages, and signs anew what expires soon, or what a new key has to sign
  --verify       only looks at what is published, as clients do
  --states       lists the earlier states that are kept
  --rollback     publishes the packages of an earlier state again`;

export interface Request {
  readonly from: string;
  readonly to: string;
  readonly suites: readonly string[] | undefined;
  readonly validForSeconds: number | undefined;
  readonly allowOlder: boolean;
  readonly release: boolean;
  readonly task: "publish" | "renew" | "verify" | "states" | { readonly rollback: string };
}

/** Undefined when help was asked for. Throws a ScriptError with exit code 2 on anything it does not know. */
export function readRequest(argv: string[]): Request | undefined {
  const values = readOptions(argv);
  if (values.help === true) return undefined;
  for (const suite of values.suite ?? []) {
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(suite)) refuse(`"${suite}" is no name for a suite`);
  }
  const tasks = [
    ...(values.renew === true ? (["renew"] as const) : []),
    ...(values.verify === true ? (["verify"] as const) : []),
    ...(values.states === true ? (["states"] as const) : []),
    ...(values.rollback === undefined ? [] : [{ rollback: values.rollback }]),
  ];
  if (tasks.length > 1) refuse("--renew, --verify, --states and --rollback exclude each other");
  return {
    from: values.from ?? "dist/packages",
    to: values.to ?? "dist/repositories",
    suites: values.suite,
    validForSeconds: readDays(values["valid-for"]),
    allowOlder: values["allow-older"] ?? false,
    release: values.release ?? false,
    task: tasks[0] ?? "publish",
  };
}

function readDays(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,3}$/.test(text)) refuse(`"${text}" is not a number of days`);
  return Number(text) * 24 * 3600;
}

function readOptions(args: string[]): Options {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    const options = {
      from: text,
      to: text,
      suite: { type: "string", multiple: true },
      "valid-for": text,
      "allow-older": flag,
      release: flag,
      renew: flag,
      verify: flag,
      states: flag,
      rollback: text,
      help: { type: "boolean", short: "h" },
    } as const;
    return parseArgs({ args, options }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly suite?: string[];
  readonly "valid-for"?: string;
  readonly "allow-older"?: boolean;
  readonly release?: boolean;
  readonly renew?: boolean;
  readonly verify?: boolean;
  readonly states?: boolean;
  readonly rollback?: string;
  readonly help?: boolean;
}

function refuse(problem: string): never {
  throw new ScriptError(`repositories: ${problem} (--help says more)`, 2);
}
