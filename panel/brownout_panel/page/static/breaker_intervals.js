// Turns a breaker's transitions into stateIntervals of time in one state: pure. Times are seconds since the epoch.

/** The lane of a transition: one of the lab's clients has the replica's name, another breaker its own beside it. */
export const laneOf = ({ replica, breaker }) => (breaker ? `${replica} ${breaker}` : replica);

/** The replicas whose breakers belong on the page. */
export const clientsOf = (replicas) => replicas.filter(({ replica }) => replica.service === "client");

/** Each breaker of these replicas as {name, view, circuit}; `circuit` is null until one of the lab's has answered. */
export function breakersOf(views) {
  return views.flatMap((view) => view.replica.contract === "own"
    ? view.breakers.map((circuit) => ({ name: laneOf({ replica: view.replica.name, breaker: circuit.name }), view, circuit }))
    : [{ name: view.replica.name, view, circuit: view.circuit }]);
}

/**
 * Each breaker's stateIntervals {state, from, to} up to `now`, oldest first. What a breaker did between the last
 * transition that one life of it reported and the first of the next is not known.
 */
export function stateIntervals(views, transitions, now) {
  const breakers = breakersOf(views);
  const byLane = new Map(breakers.map(({ name }) => [name, []]));
  for (const transition of transitions) byLane.get(laneOf(transition))?.push(transition);
  return new Map(breakers.map((breaker) => [breaker.name, ofBreaker(breaker, byLane.get(breaker.name), now)]));
}

function ofBreaker({ view, circuit }, transitions, now) {
  const out = [];
  let boot = transitions[0]?.boot_id;
  let state = transitions[0]?.from ?? circuit?.state ?? "unknown";
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
  if (circuit && boot !== undefined && circuit.boot_id !== boot) {
    state = "unknown";
    step(view.replica.started_at, circuit.state);
  }
  if (circuit?.state === "unknown") step(circuit.as_of, "unknown");
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
