import { testFullMatrix } from "../support/damage/full-matrix.ts";

/** Megabytes each: a few hundred places by chance. */
testFullMatrix(["golden plain", "golden encrypted", "golden sha256", "golden uncompressed"], {
  sample: { flips: 80, cuts: 20, seed: 4 },
  restoreEvery: 40,
});
