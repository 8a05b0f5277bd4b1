import type { PublishedSection, Signing } from "../contract.ts";
import { RepositoryError } from "../repository-error.ts";

/**
 * Settles when a publication is dated and for how long it counts. It is dated no earlier than what it replaces, for apt takes
 * an older InRelease than the one it has for a replay; so a release of an old commit follows a renewal of yesterday, and the
 * same request over the same state still gives the same bytes. It counts as long as what it replaces did, unless another
 * time is given: who does not know of the expiry must not end it.
 */
export function settleSigning(signing: Signing, published: readonly PublishedSection[]): Signing {
  const timeSeconds = Math.max(signing.timeSeconds, ...published.map((section) => section.timeSeconds ?? 0));
  for (const { fingerprint, expiresSeconds = Number.POSITIVE_INFINITY } of signing.openPgp) {
    if (expiresSeconds > timeSeconds) continue;
    throw new RepositoryError(
      "key",
      `the OpenPGP key ${fingerprint} ends before ${isoTime(timeSeconds)}, the time of what is published`,
      "prolong it (gpg --quick-set-expire), or sign with its successor (docs/repositories.md, Keys)",
    );
  }
  const validForSeconds = signing.validForSeconds ?? shortestDuration(published);
  return { ...signing, timeSeconds, validForSeconds: validForSeconds === 0 ? undefined : validForSeconds };
}

function shortestDuration(published: readonly PublishedSection[]): number | undefined {
  const durations = published.flatMap(({ timeSeconds, expiresSeconds }) =>
    timeSeconds === undefined || expiresSeconds === undefined ? [] : [expiresSeconds - timeSeconds],
  );
  return durations.length === 0 ? undefined : Math.min(...durations);
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
