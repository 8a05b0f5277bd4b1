const SECOND_NS = 1_000_000_000n;

/** Words of lengths of time; months and years go by the calendar. */
const units: Readonly<Record<string, { readonly seconds?: number; readonly months?: number }>> = {
  s: { seconds: 1 },
  sec: { seconds: 1 },
  second: { seconds: 1 },
  min: { seconds: 60 },
  minute: { seconds: 60 },
  h: { seconds: 3600 },
  hour: { seconds: 3600 },
  d: { seconds: 86_400 },
  day: { seconds: 86_400 },
  w: { seconds: 7 * 86_400 },
  week: { seconds: 7 * 86_400 },
  mo: { months: 1 },
  month: { months: 1 },
  y: { months: 12 },
  year: { months: 12 },
};

/**
 * A moment as people write it, in nanoseconds since 1970: RFC 3339; `2026-01-31`, `2026/01/31`, with `12:00` or `12:00:30`
 * behind, which are UTC as all times that the program prints; or how long ago: `30d`, `2h30m`, `3 weeks`, `a month ago`.
 * Undefined for everything else: also for `5m` alone, which some take for months.
 */
export function parseMoment(text: string, nowNs: bigint): bigint | undefined {
  const trimmed = text.trim();
  return parseDate(trimmed) ?? parseAgo(trimmed.toLowerCase(), nowNs);
}

const dateForm =
  /^(\d{4})([-/])(\d{2})\2(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9})\d*)?)?(Z|z|[+-]\d{2}:?\d{2})?)?$/;

function parseDate(text: string): bigint | undefined {
  const [, year, , month, day, hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] =
    dateForm.exec(text) ?? [];
  if (year === undefined) return undefined;
  const date = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const utcMs = Date.parse(`${date}Z`);
  // the thirtieth of February is no date, though it is parsed as one in March
  if (Number.isNaN(utcMs) || new Date(utcMs).toISOString().slice(0, date.length) !== date) return undefined;
  return BigInt(utcMs) * 1_000_000n + BigInt(fraction.padEnd(9, "0")) - offsetNs(zone);
}

function offsetNs(zone: string): bigint {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  if (hours === undefined) return 0n;
  const seconds = BigInt(Number(hours) * 3600 + Number(minutes) * 60);
  return (sign === "-" ? -seconds : seconds) * SECOND_NS;
}

function parseAgo(text: string, nowNs: bigint): bigint | undefined {
  if (text === "now") return nowNs;
  const words = text
    .replace(/\s+ago$/, "")
    .replace(/^half an? /, "0.5 ")
    .replace(/^an? /, "1 ");
  const parts = [...words.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)[\s,]*/gy)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== words) return undefined;
  const hasHours = parts.some(([, , unit = ""]) => unitOf(unit)?.seconds === 3600);
  let seconds = 0;
  let months = 0;
  for (const [, count = "", word = ""] of parts) {
    const unit = word === "m" && hasHours ? units["min"] : unitOf(word);
    if (!unit) return undefined;
    seconds += (unit.seconds ?? 0) * Number(count);
    months += (unit.months ?? 0) * Number(count);
  }
  if (!Number.isInteger(months)) return undefined;
  return monthsBefore(nowNs, months) - BigInt(Math.round(seconds * 1000)) * 1_000_000n;
}

function unitOf(word: string): (typeof units)[string] | undefined {
  if (Object.hasOwn(units, word)) return units[word];
  const singular = word.replace(/s$/, "");
  return singular.length > 1 && Object.hasOwn(units, singular) ? units[singular] : undefined;
}

/** The same day of an earlier month, or its last one. */
function monthsBefore(nowNs: bigint, months: number): bigint {
  if (months === 0) return nowNs;
  const nowMs = Number(nowNs / 1_000_000n);
  const date = new Date(nowMs);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return nowNs - BigInt(nowMs - date.getTime()) * 1_000_000n;
}
