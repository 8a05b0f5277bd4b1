// Loads the parts of the bundle: out of the executable, or from beside this file.
"use strict";
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { getAsset, isSea } = require("node:sea");
const { compileFunction } = require("node:vm");

// the maker pkg is a SEA as well, but keeps files in a file system of its own
const isInside = isSea() && !("pkg" in process);
const loaded = new Map();

function load(name) {
  const known = loaded.get(name);
  if (known) return known.exports;
  const part = { exports: {} };
  loaded.set(name, part);
  const text = isInside ? getAsset(name, "utf8") : readFileSync(join(__dirname, name), "utf8");
  const requirePart = (id) => (id.startsWith("./") ? load(`chunks/${id.slice(2)}`) : require(id));
  const run = compileFunction(text.replace(/^#!.*/, ""), ["exports", "require", "module", "__dirname"], {
    filename: name,
  });
  run(part.exports, requirePart, part, __dirname);
  return part.exports;
}

load("chunks/main.js");
