/** A release is a list of steps, each done once: what is there already, and still as it was left, is not done again. */
import { Progress } from "./progress.ts";

/** What a step leaves behind. */
export interface Outcome {
  /** Files that it made. The steps after it are done anew when one of them changes. */
  readonly files?: readonly string[];
  /** What it did not do, and why: told at once, and once more at the end. */
  readonly skipped?: readonly string[];
  /** What came of it, in a line. */
  readonly note?: string;
}

export interface Step<Context> {
  readonly name: string;
  /** Why it is there. */
  readonly why: string;
  /** What it depends on, beside the files of the steps before it. */
  readonly inputs?: (context: Context) => readonly string[];
  /** Its work is elsewhere, or is to look: it is done every time, and finds for itself what is left to do. */
  readonly always?: boolean;
  /** `made` are the files of the steps before it, in their order: what else lies beside them is none of the release's. */
  readonly run: (context: Context, made: readonly string[]) => Promise<Outcome>;
}

export interface RunOptions {
  /** Where it is written down what was done. */
  readonly progressFile: string;
  readonly say: (line: string) => void;
}

/**
 * Does the steps in their order. One that fails ends the run with its error; the next run goes on from there. A step is done
 * again when its inputs, or files of an earlier step, are not those that it was done with, or its own files are not as it left them.
 */
export async function runSteps<Context>(
  steps: readonly Step<Context>[],
  context: Context,
  { progressFile, say }: RunOptions,
): Promise<{ readonly skipped: readonly string[] }> {
  const progress = new Progress(progressFile);
  const skipped: string[] = [];
  const made: string[] = [];
  for (const [at, step] of steps.entries()) {
    const title = `${String(at + 1).padStart(2)}/${steps.length} ${step.name}`;
    const key = progress.keyOf(step.name, step.inputs?.(context) ?? []);
    const before = step.always ? undefined : progress.outcomeOf(step.name, key);
    if (before) say(`${title}: done before`);
    else say(`${title}: ${step.why}`);
    const outcome = before ?? (await step.run(context, made));
    if (outcome.note !== undefined && !before) say(`      ${outcome.note}`);
    for (const each of outcome.skipped ?? []) {
      say(`      skipped: ${each}`);
      skipped.push(`${step.name}: ${each}`);
    }
    progress.done(step.name, key, outcome);
    made.push(...(outcome.files ?? []));
  }
  return { skipped };
}
