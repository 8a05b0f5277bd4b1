import { testFullMatrix } from "../support/damage/full-matrix.ts";

testFullMatrix(["GZIP", "ZSTD"], { restoreEvery: 100 });
