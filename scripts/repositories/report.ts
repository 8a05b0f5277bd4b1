import type { Place, Publication } from "../../packaging/repositories/index.ts";
import type { Request } from "./request.ts";

/** What became of the packages, or would; the last line says what became of the place. */
export function report(publication: Publication, { name }: Place, { dryRun }: Pick<Request, "dryRun">): void {
  const { changes, added, dropped, mended, gone, generation } = publication;
  const list = (done: string, toDo: string, paths: readonly string[]): string[] =>
    paths.map((path) => (dryRun ? `would ${toDo}`.padEnd(14) : done.padEnd(9)) + path);
  const lines = [
    ...list("added", "add", added),
    ...list("dropped", "drop", dropped),
    ...list("deleted", "delete", changes.deletions),
    ...list("mended", "mend", mended),
    ...gone.map((path) => `gone, and left out: ${path}`),
    dryRun
      ? `${outcome(publication, name, "would be")}; nothing was written (--dry-run)`
      : outcome(publication, name, "is"),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  if (generation !== undefined) warnOfEnd(publication);
}

function outcome({ generation, mended }: Publication, name: string, is: string): string {
  if (generation !== undefined) return `${name} ${is} published, state ${generation}`;
  return mended.length > 0 ? `${name} ${is} mended` : `${name} was up to date`;
}

/** What is dated by an old commit may have ended before anybody sees it. */
function warnOfEnd({ expiresSeconds = Number.POSITIVE_INFINITY }: Publication): void {
  if (expiresSeconds * 1000 > Date.now()) return;
  const day = new Date(expiresSeconds * 1000).toISOString().slice(0, 10);
  process.stderr.write(`clients accept this until ${day}, which is over: sign it anew with --renew\n`);
}
