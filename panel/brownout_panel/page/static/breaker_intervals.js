// Turns a breaker's transitions into stateIntervals of time in one state: pure. Times are seconds since the epoch.

/**
 * Each replica's stateIntervals {state, from, to} up to `now`, oldest first. What a replica's breaker did between the
 * last transition that one life of it reported and the first of the next is not known.
 */
export function stateIntervals(views, transitions, now) {
  const byReplica = new Map(views.map((view) => [view.replica.name, []]));
  for (const transition of transitions) byReplica.get(transition.replica)?.push(transition);
  return new Map(views.map((view) => [view.replica.name, ofReplica(view, byReplica.get(view.replica.name), now)]));
}

function ofReplica(view, transitions, now) {
  const out = [];
  let boot = transitions[0]?.boot_id;
  let state = transitions[0]?.from ?? view.circuit?.state ?? "unknown";
  let from = -Infinity;
  const step = (at, next) => {
    if (at > from) out.push({ state, from, to: at });
    [state, from] = [next, Math.max(from, at)];
  };
  for (const transition of transitions) {
    if (transition.boot_id !== boot || transition.missed) state = "unknown";
    boot = transition.boot_id;
    step(transition.at, transition.to);
  }
  if (view.circuit && boot !== undefined && view.circuit.boot_id !== boot) {
    state = "unknown";
    step(view.replica.started_at, view.circuit.state);
  }
  step(now, state);
  return out;
}

/** The stateIntervals between `from` and `to`, each at least `least` long: one shorter than a pixel must be seen too. */
export function visibleIntervals(all, from, to, least) {
  return all
    .filter((interval) => interval.to >= from && interval.from <= to)
    .map(({ state, ...interval }) => {
      const start = Math.max(interval.from, from);
      return { state, from: start, to: Math.max(Math.min(interval.to, to), start + least) };
    });
}
