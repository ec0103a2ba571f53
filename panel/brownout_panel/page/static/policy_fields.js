// Every setting of the client's policy, in the order of the page: where it is in the document, what to call it.

export const FIELDS = [
  { path: "attempt_timeout_s", label: "attempt time-out", unit: "s", min: 0.001, max: 300 },
  { path: "deadline_s", label: "deadline of a request", unit: "s", min: 0.001, max: 300 },
  { path: "retry.enabled", label: "retry", group: true },
  { path: "retry.attempts", label: "attempts", min: 1, max: 20, step: 1 },
  { path: "retry.backoff_base_s", label: "backoff from", unit: "s", min: 0, max: 300 },
  { path: "retry.backoff_max_s", label: "backoff up to", unit: "s", min: 0, max: 300 },
  { path: "retry.jitter", label: "jitter", choices: ["none", "full", "added"] },
  { path: "retry.jitter_s", label: "jitter of up to", unit: "s", min: 0, max: 300 },
  { path: "retry.budget.enabled", label: "retry budget", group: true },
  { path: "retry.budget.ratio", label: "retries a request", min: 0, max: 10 },
  { path: "retry.budget.burst", label: "burst", min: 1, max: 100000, step: 1 },
  { path: "breaker.enabled", label: "breaker", group: true },
  { path: "breaker.fail_max", label: "failures to open", min: 1, max: 10000, step: 1 },
  { path: "breaker.reset_timeout_s", label: "open for", unit: "s", min: 0.001, max: 3600 },
  { path: "breaker.success_threshold", label: "successes to close", min: 1, max: 1000, step: 1 },
  { path: "breaker.half_open_trials", label: "trials at once", min: 1, max: 1000, step: 1 },
  { path: "breaker.placement", label: "placement", choices: ["outside", "inside"] },
  { path: "fallback.enabled", label: "fallback", group: true },
];

export const valueAt = (document, path) => path.split(".").reduce((part, key) => part?.[key], document);

/** A copy of `document` with the value at `path` replaced. */
export function withValue(document, path, value) {
  const [key, ...rest] = path.split(".");
  return { ...document, [key]: rest.length ? withValue(document[key], rest.join("."), value) : value };
}

export function valueWords(field, value) {
  if (value === undefined) return "–";
  if (typeof value === "boolean") return value ? "on" : "off";
  return `${value}${field.unit ? ` ${field.unit}` : ""}`;
}

/** The fields in which two policies differ. */
export const differences = (one, other) => FIELDS.filter(({ path }) => valueAt(one, path) !== valueAt(other, path));
