#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { run } from "./cli/index.ts";

void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
