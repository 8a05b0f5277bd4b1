import { expect, test } from "vitest";
import { formatTime, parseMoment } from "../../../src/foundation/index.ts";

const now = BigInt(Date.parse("2026-03-31T12:00:00Z")) * 1_000_000n;

function parsed(text: string): string | undefined {
  const ns = parseMoment(text, now);
  return ns === undefined ? undefined : formatTime(ns);
}

test.each([
  ["2026-01-31", "2026-01-31T00:00:00Z"],
  ["2026/01/31", "2026-01-31T00:00:00Z"],
  ["2026-01-31 12:30", "2026-01-31T12:30:00Z"],
  ["2026-01-31 12:30:45", "2026-01-31T12:30:45Z"],
  ["2026-01-31T12:30:45Z", "2026-01-31T12:30:45Z"],
  ["2026-01-31T12:30:45+02:00", "2026-01-31T10:30:45Z"],
  ["2026-01-31T23:30:45-0130", "2026-02-01T01:00:45Z"],
  ["1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"],
])("%s is a moment, in UTC where it names no zone", (text, wanted) => {
  expect(parsed(text)).toBe(wanted);
});

test.each([
  ["now", "2026-03-31T12:00:00Z"],
  ["30d", "2026-03-01T12:00:00Z"],
  ["2h30m", "2026-03-31T09:30:00Z"],
  ["90min", "2026-03-31T10:30:00Z"],
  ["45 seconds ago", "2026-03-31T11:59:15Z"],
  ["1 week, 2 days", "2026-03-22T12:00:00Z"],
  ["1.5h", "2026-03-31T10:30:00Z"],
  ["half an hour", "2026-03-31T11:30:00Z"],
  ["a day ago", "2026-03-30T12:00:00Z"],
  ["a month", "2026-02-28T12:00:00Z"],
  ["1 Month", "2026-02-28T12:00:00Z"],
  ["13mo", "2025-02-28T12:00:00Z"],
  ["2y", "2024-03-31T12:00:00Z"],
])("%s is so long ago, months by the calendar", (text, wanted) => {
  expect(parsed(text)).toBe(wanted);
});

test.each([
  "",
  "5m",
  "yesterday",
  "2026-02-30",
  "2026-13-01",
  "2026-1-1",
  "30",
  "d",
  "1.5mo",
  "3x",
  "30d junk",
  "2026-01-31T25:00:00Z",
  "-1d",
])("%j is no moment", (text) => expect(parsed(text)).toBeUndefined());

test("a fraction of a second is kept to the nanosecond", () => {
  expect(parseMoment("2026-01-31T12:30:45.123456789Z", now)).toBe(1_769_862_645_123_456_789n);
});
