// Between the backend's fault document and the form: pure. What the form has no place for is kept as it is.

export const KINDS = ["error", "latency", "hang", "reset", "truncate", "corrupt"];

export const CLEAN = {
  error: { rate: 0, status: 503, retry_after_s: null },
  latency: { ms: 0, jitter_ms: 0, rate: 1, distribution: "normal" },
  hang: { rate: 0, limit_s: 60 },
  reset: { rate: 0 },
  truncate: { rate: 0 },
  corrupt: { rate: 0 },
};

export const PRESETS = {
  healthy: [],
  "30 % errors": [{ kind: "error", rate: 0.3, status: 503 }],
  slow: [{ kind: "latency", rate: 1, ms: 300, jitter_ms: 100, distribution: "normal" }],
  brownout: [
    { kind: "error", rate: 0.3, status: 503 },
    { kind: "latency", rate: 1, ms: 200, jitter_ms: 50, distribution: "normal" },
  ],
  outage: [{ kind: "error", rate: 1, status: 503 }],
};

/** The form's values of a fault set, and the faults that it can't show: a second one of a kind, unknown kinds. */
export function read(faults) {
  const form = structuredClone(CLEAN);
  const others = [];
  const seen = new Set();
  for (const { kind, ...settings } of faults) {
    if (!KINDS.includes(kind) || seen.has(kind)) {
      others.push({ kind, ...settings });
      continue;
    }
    seen.add(kind);
    const whole = kind === "error" ? { status: 500 } : {}; // the backend's default, not the form's
    Object.assign(form[kind], { rate: 1, ...whole }, settings);
    if (kind === "latency" && !settings.jitter_ms) form.latency.distribution = CLEAN.latency.distribution;
  }
  return { form, others };
}

/** The fault set that the form's values and the others make. */
export function write({ error, latency, hang, reset, truncate, corrupt }, others = []) {
  const faults = [];
  if (error.rate > 0) {
    const after = error.retry_after_s === null ? {} : { retry_after_s: error.retry_after_s };
    faults.push({ kind: "error", rate: error.rate, status: error.status, ...after });
  }
  if ((latency.ms > 0 || latency.jitter_ms > 0) && latency.rate > 0) {
    const spread = latency.jitter_ms > 0 ? { jitter_ms: latency.jitter_ms, distribution: latency.distribution } : {};
    faults.push({ kind: "latency", rate: latency.rate, ms: latency.ms, ...spread });
  }
  if (hang.rate > 0) faults.push({ kind: "hang", rate: hang.rate, limit_s: hang.limit_s });
  for (const [kind, { rate }] of Object.entries({ reset, truncate, corrupt })) if (rate > 0) faults.push({ kind, rate });
  return [...faults, ...others];
}

const share = (rate = 1) => `${Number((rate * 100).toFixed(1))} %`;

/** A fault set in words: "30 % errors 503, 200 ms ± 50 ms". */
export function words(faults) {
  return faults.length === 0 ? "no faults" : faults.map(word).join(", ");
}

function word({ kind, rate, ...settings }) {
  switch (kind) {
    case "error":
      return `${share(rate)} errors ${settings.status ?? 500}`;
    case "latency": {
      const spread = settings.jitter_ms ? ` ± ${settings.jitter_ms} ms` : "";
      return `${settings.ms ?? 0} ms${spread}${(rate ?? 1) < 1 ? ` of ${share(rate)}` : ""}`;
    }
    default:
      return `${share(rate)} ${kind}`;
  }
}

/** The preset that a fault set is, or null. */
export function presetOf(faults) {
  const same = (one, other) => one.length === other.length && words(one) === words(other);
  return Object.keys(PRESETS).find((name) => same(PRESETS[name], faults)) ?? null;
}
