// A breaker's transitions as stretches of time in one state: pure. Times are seconds since the epoch.

/**
 * Each replica's stretches {state, from, to} up to `now`, oldest first. What a replica's breaker did between the
 * last transition that one life of it reported and the first of the next is not known.
 */
export function stretches(views, transitions, now) {
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

/** The stretches between `from` and `to`, each at least `least` long: one shorter than a pixel must be seen too. */
export function visible(all, from, to, least) {
  return all
    .filter((stretch) => stretch.to >= from && stretch.from <= to)
    .map(({ state, ...stretch }) => {
      const start = Math.max(stretch.from, from);
      return { state, from: start, to: Math.max(Math.min(stretch.to, to), start + least) };
    });
}
