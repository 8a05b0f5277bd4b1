/**
 * A release, from the sources to what people install. `npm run release -- --help` says how to call it. The steps are listed,
 * in their order and each with its reason, in `release/steps.ts`; what is done is not done again by the next run.
 */
import { parseArgs } from "node:util";
import { packageVersion } from "./packages/request.ts";
import { compareReleases } from "./release/compare.ts";
import { type Intent, openRelease } from "./release/context.ts";
import { runSteps } from "./release/step.ts";
import { stepsFor } from "./release/steps.ts";
import { reportErrors, ScriptError } from "./support/script-error.ts";
import { isTarget, targets } from "./support/targets.ts";

const usage = `usage: npm run release -- [--dry-run] [--version VERSION] [--target TARGET]... [--fast]
       npm run release -- diff A B
  --dry-run  all of it against a GitHub on this machine, which fails on purpose; nothing leaves the machine
  --version  what the release is called; package.json's version by default
  --target   for a trial: only these of ${Object.keys(targets).join(", ")}
  --fast     for a trial: compress less
  diff A B   in which files, sizes, dependencies and scripts the packages in two folders differ`;

async function main(): Promise<void> {
  const { values, positionals } = readWords(process.argv.slice(2));
  if (values.help === true) return say(usage);
  if (positionals[0] === "diff" && positionals.length === 3) {
    const [, a = "", b = ""] = positionals;
    return (await compareReleases(a, b)).forEach(say);
  }
  if (positionals.length > 0) return refuse(`"${positionals.join(" ")}" is not understood`);
  await release(intentOf(values));
}

async function release(intent: Intent): Promise<void> {
  const context = await openRelease(intent, say);
  try {
    const options = { progressFile: `${context.folder}/progress.json`, say };
    const { skipped } = await runSteps(stepsFor(context), context, options);
    say(`${intent.version} is ${intent.isTrial ? "tried: nothing of it is published" : "released"}`);
    if (skipped.length > 0) say(`What was skipped:\n${skipped.map((each) => `  ${each}`).join("\n")}`);
  } finally {
    await context.close();
  }
}

type Words = ReturnType<typeof parseWords>;

function readWords(argv: string[]): Words {
  try {
    return parseWords(argv);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function parseWords(args: string[]): {
  readonly values: {
    readonly "dry-run"?: boolean;
    readonly version?: string;
    readonly target?: string[];
    readonly fast?: boolean;
    readonly help?: boolean;
  };
  readonly positionals: string[];
} {
  const options = {
    "dry-run": { type: "boolean" },
    version: { type: "string" },
    target: { type: "string", multiple: true },
    fast: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  } as const;
  return parseArgs({ args, options, allowPositionals: true });
}

function intentOf(values: Words["values"]): Intent {
  const isTrial = values["dry-run"] ?? false;
  const named = values.target?.map((name) => (isTarget(name) ? name : refuse(`there is no target "${name}"`)));
  if (!isTrial && (named !== undefined || values.fast === true))
    return refuse("a release is whole: --target and --fast are for trials");
  const all = Object.keys(targets).filter(isTarget);
  return {
    version: values.version ?? packageVersion(),
    isTrial,
    targets: named ?? all,
    fast: values.fast ?? false,
  };
}

function refuse(problem: string): never {
  throw new ScriptError(`release: ${problem} (--help says more)`, 2);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (import.meta.main) await reportErrors(main);
