/** The tags of rpm's headers that repositories speak of (rpm's include/rpm/rpmtag.h). */
export const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  summary: 1004,
  description: 1005,
  buildTime: 1006,
  buildHost: 1007,
  size: 1009,
  vendor: 1011,
  license: 1014,
  packager: 1015,
  group: 1016,
  url: 1020,
  architecture: 1022,
  fileModes: 1030,
  fileFlags: 1037,
  sourceRpm: 1044,
  archiveSize: 1046,
  changelogTimes: 1080,
  changelogNames: 1081,
  changelogTexts: 1082,
  directoryIndexes: 1116,
  baseNames: 1117,
  directoryNames: 1118,
  payloadDigests: 5092,
} as const;

/** Names, versions and flags of what a package needs and offers, by the element of primary.xml that lists them. */
export const relationTags = {
  provides: { names: 1047, versions: 1113, flags: 1112 },
  requires: { names: 1049, versions: 1050, flags: 1048 },
  conflicts: { names: 1054, versions: 1055, flags: 1053 },
  obsoletes: { names: 1090, versions: 1115, flags: 1114 },
  suggests: { names: 5049, versions: 5050, flags: 5051 },
  enhances: { names: 5055, versions: 5056, flags: 5057 },
  recommends: { names: 5046, versions: 5047, flags: 5048 },
  supplements: { names: 5052, versions: 5053, flags: 5054 },
} as const;

export const signatureTags = {
  /** OpenPGP over the header, which has the payload's digest. */
  rsaHeader: 268,
  sha256Header: 273,
  /** Of header and payload. */
  size: 1000,
  archiveSize: 1007,
} as const;
