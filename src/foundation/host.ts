import { arch, cpus, hostname, platform, userInfo } from "node:os";
import { pid } from "node:process";

/** What a snapshot says of the machine it was taken on, in the Go implementation's words. */
export interface HostFacts {
  readonly hostName: string;
  readonly userName: string;
  readonly operatingSystem: string;
  readonly architecture: string;
  readonly cpuCount: number;
  readonly processId: number;
}

const goArchitectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

export function hostFacts(): HostFacts {
  return {
    hostName: hostname(),
    userName: userName(),
    operatingSystem: platform() === "win32" ? "windows" : platform(),
    architecture: goArchitectures[arch()] ?? arch(),
    cpuCount: cpus().length,
    processId: pid,
  };
}

/** A process may run under an id that no database knows. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}
