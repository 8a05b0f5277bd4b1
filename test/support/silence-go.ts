import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Has the Go implementation, whose cache this is, print no welcome and ask the network for no newer version. */
export function silenceGo(cache: string): void {
  const cookies = join(cache, "cookies", "1.0.0");
  mkdirSync(cookies, { recursive: true });
  for (const cookie of [".first-run", ".disabled-security-check"]) writeFileSync(join(cookies, cookie), "");
}
