import { testFullMatrix } from "../support/damage/full-matrix.ts";

testFullMatrix(["encrypted", "encrypted, uncompressed", "encrypted.ptar"], { restoreEvery: 100 });
