import { expect, test } from "vitest";
import { FakeClock, impatient, type Patience, patience } from "../../../src/foundation/index.ts";

function refusal(code: string): Error {
  return Object.assign(new Error(`${code}: file in use`), { code });
}

/** Patience whose time passes as it waits, and how long that was. */
function waiting(): { patient: Patience; waitedMs: () => number; clock: FakeClock } {
  const clock = new FakeClock();
  let waitedMs = 0;
  const pause = async (ms: number): Promise<void> => {
    waitedMs += ms;
    clock.advanceMs(ms);
  };
  return { patient: patience({ clock, pause }), waitedMs: () => waitedMs, clock };
}

/** A step that fails so many times. */
function failing(times: number, code: string): { step: () => string; tries: () => number } {
  let tries = 0;
  const step = (): string => {
    tries++;
    if (tries <= times) throw refusal(code);
    return "done";
  };
  return { step, tries: () => tries };
}

test.each(["EPERM", "EACCES", "EBUSY", "ENOTEMPTY"])(
  "what fails with %s for a moment is done in the end",
  async (code) => {
    const { patient, waitedMs } = waiting();
    const { step, tries } = failing(5, code);
    await expect(patient.run(step)).resolves.toBe("done");
    expect(tries()).toBe(6);
    expect(waitedMs()).toBe(10 + 20 + 40 + 80 + 160);
  },
);

test("what is done at once waits for nothing, and what fails for another reason fails at once", async () => {
  const { patient, waitedMs } = waiting();
  await expect(patient.run(async () => 7)).resolves.toBe(7);
  for (const code of ["ENOENT", "EEXIST", "ENOSPC", "EIO"]) {
    const { step, tries } = failing(1, code);
    await expect(patient.run(step)).rejects.toMatchObject({ code });
    expect(tries()).toBe(1);
  }
  await expect(patient.run(() => Promise.reject(new TypeError("a fault")))).rejects.toThrow(TypeError);
  expect(waitedMs()).toBe(0);
});

test("a refusal that stays is told as it is, after two seconds", async () => {
  const { patient, waitedMs } = waiting();
  await expect(patient.run(failing(Infinity, "EACCES").step)).rejects.toThrow("EACCES: file in use");
  expect(waitedMs()).toBeGreaterThan(1500);
  expect(waitedMs()).toBeLessThanOrEqual(2000);
});

test("of many refusals that stay only the first are waited for, until some time has passed or a wait was worth it", async () => {
  const { patient, waitedMs, clock } = waiting();
  const denied = (): Promise<void> =>
    expect(patient.run(failing(Infinity, "EPERM").step)).rejects.toMatchObject({ code: "EPERM" });
  for (let number = 0; number < 1000; number++) await denied();
  expect(waitedMs()).toBeGreaterThan(5000);
  expect(waitedMs()).toBeLessThanOrEqual(10_000);
  const before = waitedMs();
  clock.advanceMs(61_000);
  for (let number = 0; number < 4; number++) await denied();
  await patient.run(failing(3, "EBUSY").step);
  for (let number = 0; number < 4; number++) await denied();
  expect(waitedMs() - before).toBeGreaterThan(10_000);
});

test("other systems try once", async () => {
  const { step, tries } = failing(1, "EBUSY");
  await expect(impatient.run(step)).rejects.toMatchObject({ code: "EBUSY" });
  expect(tries()).toBe(1);
});
