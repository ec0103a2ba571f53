// How the replicas of a service stand to what is wanted of them: counted, and who lags behind, since when, why.

import { make, setText } from "./dom.js";
import { age } from "./format.js";

export const SIGNS = { applied: "✓", pending: "…", unreachable: "⚠", refused: "⚠", foreign: "∅" };

export function standingOf(replicas, service) {
  const views = replicas.filter((view) => view.replica.service === service);
  return {
    of: views.length,
    applied: views.filter((view) => view.held?.standing === "applied").length,
    wanted: views.some((view) => view.held),
    foreign: views.filter((view) => view.held?.standing === "foreign").length,
    lagging: views.filter((view) => view.held && view.held.standing !== "applied"),
  };
}

const CONTROLS = { backend: "faults", client: "policy" };

/** "pending for 2 s", "unreachable for 12 s: connection refused", "takes no faults: answers 404 at /faults". */
export function heldWords(held, now, service) {
  if (held.standing === "foreign") return `takes no ${CONTROLS[service]}: ${held.reason}`;
  const reason = held.reason ? `: ${held.reason}` : "";
  return `${held.standing} for ${age(now - held.since)}${reason}`;
}

export function drawStanding(store, service, line, list) {
  const { of, applied, foreign, wanted, lagging } = standingOf(store.state.replicas, service);
  line.dataset.state = !wanted ? "unknown" : applied === of ? "applied" : "pending";
  if (of > 0 && foreign === of) setText(line, `∅ this ${service} takes no ${CONTROLS[service]}`);
  else setText(line, wanted ? `${applied === of ? "✓" : "…"} applied ${applied} of ${of}` : `${of} replica${of === 1 ? "" : "s"}`);
  list.replaceChildren(...lagging.map((view) => make("li", { "data-state": view.held.standing },
    `${SIGNS[view.held.standing]} ${view.replica.name} ${heldWords(view.held, store.now(), service)}`)));
}
