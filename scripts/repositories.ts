/** The packages as signed repositories for apt, dnf and apk. `npm run repositories -- --help` says how to call it. */
import { makeKeyrings } from "../packaging/make-keyring.ts";
import { findNfpm } from "../packaging/nfpm-wrapper/index.ts";
import {
  type Addition,
  apk,
  apt,
  defaultRetention,
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
  yum,
} from "../packaging/repositories/index.ts";
import { findSigningKeys } from "../packaging/signing-keys.ts";
import { readPackages } from "./repositories/packages.ts";
import { openPlace } from "./repositories/place.ts";
import { type Request, readRequest, usage } from "./repositories/request.ts";
import { releaseTime } from "./support/release-time.ts";
import { reportErrors, ScriptError } from "./support/script-error.ts";

const kinds: readonly RepositoryKind[] = [apt("Plakar"), yum(), apk("Plakar")];
const architectures = ["amd64", "arm64"] as const;

async function main(): Promise<void> {
  const request = readRequest(process.argv.slice(2));
  if (request === undefined) return void process.stdout.write(`${usage}\n`);
  await run(request, await openPlace(request.to, currentTime()));
}

async function run(request: Request, place: Place): Promise<void> {
  const { task } = request;
  if (task === "states") return listStates(place);
  if (task === "verify") return verify(request, place);
  if (task === "publish") return publish(place, await prepareRelease(request, place));
  const settings = await makeSettings(request, currentTime());
  if (task !== "renew") return publish(place, await prepareRollback(place, task.rollback, settings));
  const additions = await keyrings(place, settings, []);
  return publish(place, await preparePublication(place, { additions, allowOlder: false }, settings));
}

async function prepareRelease(request: Request, place: Place): Promise<Publication> {
  const { from, suites, release, allowOlder } = request;
  const packages = readPackages(from, { kinds, suites, release });
  const settings = await makeSettings(request, releaseTime());
  const additions = [...packages, ...(await keyrings(place, settings, packages))];
  return preparePublication(place, { additions, allowOlder }, settings);
}

/** The public keys as packages, for every suite there is or is going to be. */
async function keyrings(
  place: Place,
  { signing }: PublicationSettings,
  packages: readonly Addition[],
): Promise<Addition[]> {
  const { suites: published } = await readRecord(place);
  const suites = [...new Set([...published, ...packages.flatMap((addition) => addition.suites)])];
  const options = { kinds, nfpm: findNfpm(".cache"), parts: "build/keyring" };
  return (await makeKeyrings(signing, options)).map((file) => ({ file, suites }));
}

async function makeSettings({ release, validForSeconds }: Request, timeSeconds: number): Promise<PublicationSettings> {
  const tell = (message: string): void => void process.stderr.write(`${message}\n`);
  if (release) requireConfiguredKeys();
  const { signers } = await findSigningKeys("dist/keys", timeSeconds, tell);
  warnOfExpiry(signers, timeSeconds, tell);
  const signing = { ...signers, timeSeconds, validForSeconds };
  const repositories = { kinds, architectures, trust: trustIn(signing, undefined) };
  return { repositories, signing, retention: defaultRetention };
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

async function publish(place: Place, { changes, added, dropped, generation }: Publication): Promise<void> {
  await place.apply(changes);
  const lines = [
    ...added.map((path) => `added    ${path}`),
    ...dropped.map((path) => `dropped  ${path}`),
    ...changes.deletions.map((path) => `deleted  ${path}`),
    generation === undefined ? `${place.name} was up to date` : `${place.name} is published, state ${generation}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function listStates(place: Place): Promise<void> {
  const { generations } = await readRecord(place);
  process.stdout.write(
    generations
      .toReversed()
      .map(({ id, files }) => `${id}  ${files.length} files\n`)
      .join(""),
  );
}

async function verify(request: Request, place: Place): Promise<void> {
  const timeSeconds = currentTime();
  const { signing } = await makeSettings(request, timeSeconds);
  const { suites } = await readRecord(place);
  const sections = kinds.flatMap((kind) => suites.flatMap((suite) => kind.sectionsOf(suite, architectures)));
  if (sections.length === 0) throw new ScriptError(`nothing is published at ${place.name}`);
  const { problems, packages } = await verifySections(place, { kinds, sections, trust: trustIn(signing, timeSeconds) });
  if (problems.length > 0) throw new ScriptError(problems.join("\n"));
  process.stdout.write(`${place.name} is sound: ${sections.length} indexes, ${packages} packages\n`);
}

if (import.meta.main) await reportErrors(main);
