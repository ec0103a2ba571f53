// Annotations of the charts: fault bands, kills and phases. Pure; times in seconds since the epoch.

const DONE = ["ok", "partly", "superseded"];
const SHORT_S = 1; // a slider that is dragged leaves many bands; only where it stopped deserves a label

/** The stretches of time with faults: {from, to, label}. One without an end so far ends at `now`. */
export function faultBands(events, now) {
  const out = [];
  let open = null;
  const close = (at) => {
    if (!open) return;
    open.to = at;
    const before = out[out.length - 1];
    const extends_ = before && open.from - before.to < 0.001;
    if (extends_ && before.to - before.from < SHORT_S) Object.assign(before, { to: at, label: open.label });
    else out.push(open);
    open = null;
  };
  for (const event of events) {
    if (event.kind !== "fault") continue;
    if (event.action === "set" && !DONE.includes(event.code ?? "ok")) continue; // nothing was changed
    const faults = ["set", "found"].includes(event.action) ? (event.faults ?? []) : [];
    const label = event.words ?? "faults";
    if (open && faults.length && open.label === label) continue;
    close(event.at);
    if (faults.length) open = { from: event.at, to: null, label };
  }
  close(now);
  return out;
}

/** Moments with a label: {at, kind, label}. */
export function labelledMoments(events) {
  return events.flatMap((event) => {
    if (event.kind === "phase") return [{ at: event.at, kind: "phase", label: `◆ ${event.name}` }];
    if (event.kind === "kill") return [{ at: event.at, kind: "kill", label: `✕ ${event.replica}` }];
    return [];
  });
}
