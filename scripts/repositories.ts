/** The packages as signed repositories for apt, dnf and apk. `npm run repositories -- --help` says how to call it. */
import { makeKeyrings } from "../packaging/make-keyring.ts";
import { findNfpm } from "../packaging/nfpm-wrapper/index.ts";
import {
  type Addition,
  apk,
  apt,
  defaultRetention,
  keepVersions,
  lastPublished,
  type Place,
  type Publication,
  type PublicationSettings,
  preparePublication,
  prepareRollback,
  type RepositoryKind,
  readRecord,
  type Signing,
  trustIn,
  verifySections,
  withoutRecord,
  yum,
} from "../packaging/repositories/index.ts";
import { findSigningKeys } from "../packaging/signing-keys.ts";
import { readPackages } from "./repositories/packages.ts";
import { openPlace } from "./repositories/place.ts";
import { report } from "./repositories/report.ts";
import { type Request, readRequest, usage } from "./repositories/request.ts";
import { releaseTime } from "./support/release-time.ts";
import { reportErrors, ScriptError } from "./support/script-error.ts";

const kinds: readonly RepositoryKind[] = [apt("Plakar"), yum(), apk("Plakar")];
const architectures = ["amd64", "arm64"] as const;

async function main(): Promise<void> {
  const request = readRequest(process.argv.slice(2));
  if (request === undefined) return void process.stdout.write(`${usage}\n`);
  const place = await openPlace(request.to, currentTime());
  await run(request, request.newRecord ? withoutRecord(place) : place);
}

async function run(request: Request, place: Place): Promise<void> {
  if (request.task === "states") return listStates(place);
  if (request.task === "verify") return verify(request, place);
  const publication = await prepare(request, place);
  await (request.dryRun ? place.rehearse(publication.changes) : place.apply(publication.changes));
  report(publication, place, request);
}

async function prepare(request: Request, place: Place): Promise<Publication> {
  const { task } = request;
  if (task === "publish") return prepareRelease(request, place);
  const settings = await makeSettings(request, currentTime());
  if (typeof task === "object") return prepareRollback(place, task.rollback, settings);
  const suites = await publishedSuites(request, place, settings);
  return preparePublication(place, { additions: await keyrings(settings, suites), allowOlder: false }, settings);
}

async function prepareRelease(request: Request, place: Place): Promise<Publication> {
  const { from, suites, release, allowOlder, files, noPackages } = request;
  const packages = noPackages ? [] : readPackages(from, { kinds, suites, release, files });
  const settings = await makeSettings(request, releaseTime());
  const { suites: published } = await readRecord(place);
  const wanted = noPackages ? (suites ?? ["stable"]) : packages.flatMap((addition) => addition.suites);
  const additions = [...packages, ...(await keyrings(settings, [...published, ...wanted]))];
  return preparePublication(place, { additions, allowOlder }, settings);
}

/** The suites that can be signed anew. Nothing is no place to renew, but one that was mistyped. */
async function publishedSuites(
  { suites: named = [] }: Request,
  place: Place,
  { repositories }: PublicationSettings,
): Promise<readonly string[]> {
  const { suites } = await readRecord(place);
  for (const suite of named.filter((name) => !suites.includes(name))) {
    const sections = kinds.flatMap((kind) =>
      kind.sectionsOf(suite, architectures).map((section) => ({ kind, section })),
    );
    const found = await Promise.all(
      sections.map(({ kind, section }) => kind.readSection(place, section, repositories.trust)),
    );
    if (found.every((section) => section === undefined)) throw nothingThere(place, `no suite ${suite}`);
  }
  if (suites.length === 0 && named.length === 0) throw nothingThere(place);
  return [...suites, ...named];
}

function nothingThere({ name }: Place, what = "nothing"): ScriptError {
  return new ScriptError(`repositories: ${what} is published at ${name}\nlook at --to and --suite`);
}

/** The public keys as packages, for every suite there is or is going to be. */
async function keyrings({ signing }: PublicationSettings, suites: readonly string[]): Promise<Addition[]> {
  const options = { kinds, nfpm: findNfpm(".cache"), parts: "build/keyring" };
  const every = [...new Set(suites)];
  return (await makeKeyrings(signing, options)).map((file) => ({ file, suites: every }));
}

async function makeSettings(
  { release, validForSeconds, keep }: Request,
  timeSeconds: number,
): Promise<PublicationSettings> {
  const tell = (message: string): void => void process.stderr.write(`${message}\n`);
  if (release) requireConfiguredKeys();
  const { signers } = await findSigningKeys("dist/keys", timeSeconds, tell);
  warnOfExpiry(signers, timeSeconds, tell);
  const signing = { ...signers, timeSeconds, validForSeconds };
  const repositories = { kinds, architectures, trust: trustIn(signing, undefined) };
  return { repositories, signing, retention: keep === undefined ? defaultRetention : keepVersions(keep) };
}

/** Users need some months to get another key. */
const warningSeconds = 120 * 24 * 3600;

function warnOfExpiry({ openPgp }: Pick<Signing, "openPgp">, now: number, tell: (message: string) => void): void {
  for (const { fingerprint, expiresSeconds = Number.POSITIVE_INFINITY } of openPgp) {
    if (expiresSeconds - now > warningSeconds) continue;
    const day = new Date(expiresSeconds * 1000).toISOString().slice(0, 10);
    tell(`the OpenPGP key ${fingerprint} ends on ${day}: prolong or replace it now (docs/repositories.md, Keys)`);
  }
}

/** Nothing must be released with a throw-away key, and none is made on the way to saying so. */
function requireConfiguredKeys(): void {
  const missing = ["PLAKAR_RELEASE_PGP_KEY", "PLAKAR_RELEASE_APK_KEY"].filter((name) => !process.env[name]);
  if (missing.length === 0) return;
  const advice = `set ${missing.join(" and ")} to files of private keys`;
  throw new ScriptError(`repositories: a release needs keys of its own\n${advice}`);
}

/** What is signed to replace something has to be later than that, whatever the last commit's time. */
function currentTime(): number {
  return process.env["SOURCE_DATE_EPOCH"] ? releaseTime() : Math.floor(Date.now() / 1000);
}

async function listStates(place: Place): Promise<void> {
  const { generations } = await readRecord(place);
  if (generations.length === 0) throw nothingThere(place);
  process.stdout.write(
    generations
      .toReversed()
      .map(({ id, files }) => `${id}  ${files.length} files\n`)
      .join(""),
  );
}

async function verify(request: Request, place: Place): Promise<void> {
  const record = await readRecord(place);
  // a release has a time of its own, and what is published may be of later
  const timeSeconds = Math.max(currentTime(), (process.env["SOURCE_DATE_EPOCH"] && lastPublished(record)) || 0);
  const { signing } = await makeSettings(request, timeSeconds);
  const { suites } = record;
  const sections = kinds.flatMap((kind) => suites.flatMap((suite) => kind.sectionsOf(suite, architectures)));
  if (sections.length === 0) throw nothingThere(place);
  const { problems, packages } = await verifySections(place, { kinds, sections, trust: trustIn(signing, timeSeconds) });
  if (problems.length > 0) throw new ScriptError(problems.join("\n"));
  process.stdout.write(`${place.name} is sound: ${sections.length} indexes, ${packages} packages\n`);
}

/** What the system refuses, a folder that cannot be read say, is for a person to mend: no fault of this program. */
function tellRefusals(error: unknown): never {
  if (error instanceof Error && "syscall" in error && "code" in error && error.code !== "ENOSPC")
    throw new ScriptError(`repositories: ${error.message}`);
  throw error;
}

if (import.meta.main) await reportErrors(() => main().catch(tellRefusals));
