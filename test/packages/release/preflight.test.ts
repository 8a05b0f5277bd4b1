import { describe, expect, test } from "vitest";
import { type PreflightFacts, problemsOf, requireFit } from "../../../scripts/release/preflight.ts";
import { missingSettings } from "../../../scripts/release/settings.ts";
import { compareVersions, isReleaseVersion, isVersion } from "../../../scripts/support/version.ts";

test("versions are ordered as semver.org says", () => {
  const ordered = [
    ...["0.9.10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"],
    ...["1.0.0-rc.1", "1.0.0", "1.0.1-1", "1.0.1", "1.2.0", "1.10.0", "2.0.0"],
  ];
  expect(ordered.every(isVersion)).toBe(true);
  for (const [at, a] of ordered.entries())
    for (const [other, b] of ordered.entries())
      expect([a, b, Math.sign(compareVersions(a, b))]).toStrictEqual([a, b, Math.sign(at - other)]);
});

test.each([
  "",
  "1",
  "1.2",
  "v1.2.3",
  "1.2.3.4",
  "01.2.3",
  "1.2.3-",
  "1.2.3-01",
  "1.2.3-a..b",
  "1.2.3 ",
  "1.2.3+x",
  "1.2.3;rm",
])("%j is no version", (text) => expect(isVersion(text)).toBe(false));

const fit: PreflightFacts = {
  ...{ version: "1.2.3", published: ["1.2.2", "1.10.0-no", "words"], mayBePublished: false },
  ...{ changedFiles: [], changes: ["new"], missing: [] },
};

test.each([
  ["1.2.3", true],
  ["10.20.30-rc.1", true],
  ["1.2.3-beta.12", true],
  ["1.2.3-rc1", false],
  ["1.2.3-foo.1", false],
  ["1.2.3-1", false],
  ["1.2.3-rc.01", false],
])("packages of every kind can bear %j: %s", (text, can) => expect(isReleaseVersion(text)).toBe(can));

const complete = {
  ...{ GITHUB_REPOSITORY: "a/b", GITHUB_TOKEN: "t", PLAKAR_RELEASE_REPOSITORIES: "r", PLAKAR_RELEASE_PUBLISH_TO: "p" },
  ...{ PLAKAR_RELEASE_PGP_KEY: "k", PLAKAR_RELEASE_APK_KEY: "k" },
};

describe("a release is refused, with what to do, and nothing is forgotten", () => {
  test.each<[string, Partial<PreflightFacts>, RegExp]>([
    ["without a version", { version: "next" }, /"next" is not a version.*--version/],
    ["of a version that is older", { published: ["1.3.0"] }, /not newer than 1\.3\.0.*newer version/],
    ["of a version that is there", { published: ["1.2.3"] }, /not newer than 1\.2\.3/],
    [
      "of what was not committed",
      { changedFiles: ["a", "b", "c", "d"] },
      /as it was committed: a, b, c and 1 more: commit/,
    ],
    ["without a word of what is new", { changes: [] }, /says nothing of 1\.2\.3: write/],
    [
      "without leave",
      { missing: missingSettings({ ...complete, GITHUB_TOKEN: "" }) },
      /GITHUB_TOKEN is not set: set it/,
    ],
  ])("%s", (_, facts, reason) => {
    const problems = problemsOf({ ...fit, published: ["1.2.2"], ...facts });
    expect(problems).toHaveLength(1);
    expect(() => requireFit(problems, false)).toThrow(reason);
  });

  test("for all reasons at once", () => {
    const bad = { changedFiles: ["a"], changes: [], missing: missingSettings({}) };
    expect(() => requireFit(problemsOf({ ...fit, published: [], ...bad }), false)).toThrow(
      /committed.*CHANGELOG.*REPOSITORY.*TOKEN.*REPOSITORIES.*PUBLISH_TO.*PGP_KEY.*APK_KEY/s,
    );
  });
});

test("a release in order has no problem, and one that was stopped after it was published may go on", () => {
  expect(problemsOf({ ...fit, published: ["1.2.2", "1.2.3-rc.1", "words"] })).toStrictEqual([]);
  expect(problemsOf({ ...fit, published: ["1.2.3"], mayBePublished: true })).toStrictEqual([]);
});

test("a trial goes on without what only a release needs, and says so; not with a version that cannot be", () => {
  const problems = problemsOf({ ...fit, published: [], missing: missingSettings({}) });
  expect(requireFit(problems, true)).toHaveLength(6);
  expect(() => requireFit(problemsOf({ ...fit, published: ["9.0.0"] }), true)).toThrow(/not newer/);
});
