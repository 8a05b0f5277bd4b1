#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { commandLineWords, run } from "./cli/index.ts";

void run(commandLineWords()).then((code) => {
  process.exitCode = code;
});
