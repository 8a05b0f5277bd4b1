import { testFullMatrix } from "../support/damage/full-matrix.ts";

testFullMatrix(["plain", "SHA256", "uncompressed", "plain.ptar"], { restoreEvery: 100 });
