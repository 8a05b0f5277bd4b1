import { lstatSync } from "node:fs";
import { dirname } from "node:path";

const TRIES = 30;

/**
 * Runs a scenario that needs a tree's snapshots to be equal: again, when the directories above the tree, which snapshots
 * hold too, were changed by somebody else meanwhile (every program that makes a temporary file does). Otherwise it fails as
 * the scenario fails.
 */
export async function undisturbed(scenario: (tree: (path: string) => string) => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    let before = "";
    let tree = "";
    const watch = (path: string): string => {
      tree = path;
      before = directoriesAbove(path);
      return path;
    };
    try {
      return await scenario(watch);
    } catch (error) {
      if (tries === TRIES || tree === "" || directoriesAbove(tree) === before) throw error;
    }
  }
}

function directoriesAbove(path: string): string {
  const states: string[] = [];
  for (let at = path; at !== dirname(at); ) {
    at = dirname(at);
    const { mtimeNs, size, nlink, mode } = lstatSync(at, { bigint: true });
    states.push(`${at} ${mtimeNs} ${size} ${nlink} ${mode}`);
  }
  return states.join("\n");
}
