// The run's seconds, one array a field. Two hours are 7,200 numbers in each; a chart draws a few hundred.

import { TERMS } from "./terms.js";

export const FIELDS = ["t", "users", "offered", "throughput", "goodput", ...Object.keys(TERMS.outcomes),
  "p50_ms", "p95_ms", "p99_ms", "amplification", "dropped"];
const KEPT = 7200;

/** How the seconds of a bucket become one number: a latency is the worst of them, all else is their mean. */
const WORST = new Set(["p50_ms", "p95_ms", "p99_ms"]);

export const empty = () => Object.fromEntries(FIELDS.map((field) => [field, []]));

/** The columns of an answer of the history, with every field there. */
export function fromHistory(columns) {
  const length = columns.t?.length ?? 0;
  return Object.fromEntries(FIELDS.map((field) => [field, columns[field] ? [...columns[field]] : Array(length).fill(null)]));
}

/** Add a second. One that is there already is replaced, one that comes late is put in its place. */
export function add(columns, second) {
  let at = columns.t.length;
  while (at > 0 && columns.t[at - 1] > second.t) at -= 1;
  const replaces = at > 0 && columns.t[at - 1] === second.t ? 1 : 0;
  for (const field of FIELDS) columns[field].splice(at - replaces, replaces, second[field] ?? null);
  if (columns.t.length > KEPT) for (const field of FIELDS) columns[field].shift();
}

/** The index of the first second at or after `t`. */
export function indexOf(columns, t) {
  let low = 0;
  let high = columns.t.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (columns.t[middle] < t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The seconds from `from` to `to` in at most `most` points, each of `step` whole seconds. A gap of the record
 * stays a gap: a point of nulls.
 */
export function thin(columns, from, to, most) {
  const start = indexOf(columns, from);
  const end = indexOf(columns, to + 1);
  const step = Math.max(1, Math.ceil((to - from) / most));
  const out = empty();
  let previous = null;
  for (let at = start; at < end;) {
    const bucket = Math.floor(columns.t[at] / step);
    let next = at + 1;
    while (next < end && Math.floor(columns.t[next] / step) === bucket) next += 1;
    if (previous !== null && bucket > previous + 1) push(out, (previous + 1) * step, () => null);
    push(out, bucket * step, (field) => combine(columns[field], at, next, WORST.has(field)));
    previous = bucket;
    at = next;
  }
  return { columns: out, step };
}

function push(out, t, value) {
  for (const field of FIELDS) out[field].push(field === "t" ? t : value(field));
}

function combine(column, start, end, worst) {
  let result = null;
  let counted = 0;
  for (let at = start; at < end; at += 1) {
    const value = column[at];
    if (value === null) continue;
    counted += 1;
    if (result === null) result = value;
    else result = worst ? Math.max(result, value) : result + value;
  }
  return result === null || worst ? result : result / counted;
}
