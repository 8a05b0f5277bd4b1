import { expect, test } from "vitest";
import { namingStore } from "../../../src/cli/advice.ts";

const commands = ["ls", "cat"];

test("command lines in advice name the store that the user named", () => {
  const advise = namingStore("/srv/backup", commands);
  expect(advise("List what there is: plakar ls")).toBe("List what there is: plakar at /srv/backup ls");
  expect(advise("plakar ls a or plakar cat b")).toBe("plakar at /srv/backup ls a or plakar at /srv/backup cat b");
});

test("nothing else in it changes", () => {
  const advise = namingStore("/srv/backup", commands);
  for (const text of ["See: plakar help ls", "Install a newer plakar.", "plakar lsx", "plakar at /a ls", "/plakar ls"])
    expect(advise(text)).toBe(text);
});

test("a location that a shell would split is quoted, and drives no terminal", () => {
  expect(namingStore("/my store's", commands)("plakar ls")).toBe(String.raw`plakar at '/my store'\''s' ls`);
  expect(namingStore("$&\u001b", commands)("plakar ls")).toBe(String.raw`plakar at '$&\x1b' ls`);
});
