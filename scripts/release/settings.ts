/** What the environment of a release has to say. */

export interface Setting {
  readonly name: string;
  /** To what it is set. */
  readonly what: string;
}

/** Without any of them a release is refused; a trial makes do. */
const settings: readonly Setting[] = [
  { name: "GITHUB_REPOSITORY", what: "the repository on GitHub, owner/name" },
  { name: "GITHUB_TOKEN", what: "a token that may write releases" },
  { name: "PLAKAR_RELEASE_REPOSITORIES", what: "the address below which people find the repositories" },
  { name: "PLAKAR_RELEASE_PUBLISH_TO", what: "where the repositories are published (npm run repositories -- --help)" },
  { name: "PLAKAR_RELEASE_PGP_KEY", what: "the file of an OpenPGP private key" },
  { name: "PLAKAR_RELEASE_APK_KEY", what: "the file of an RSA private key" },
];

export function missingSettings(environment: NodeJS.ProcessEnv): Setting[] {
  return settings.filter(({ name }) => !environment[name]);
}
