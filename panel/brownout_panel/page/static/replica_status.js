// Shows how many replicas of a service have the wanted settings, and which ones do not: since when, and why.

import { make, setText } from "./elements.js";
import { age } from "./format.js";

export const SIGNS = { applied: "✓", pending: "…", unreachable: "⚠", refused: "⚠", foreign: "∅" };

export function countStatuses(replicas, service) {
  const views = replicas.filter((view) => view.replica.service === service && view.replica.contract !== "own");
  return {
    of: views.length,
    applied: views.filter((view) => view.status?.state === "applied").length,
    wanted: views.some((view) => view.status),
    foreign: views.filter((view) => view.status?.state === "foreign").length,
    lagging: views.filter((view) => view.status && view.status.state !== "applied"),
  };
}

const CONTROLS = { backend: "faults", client: "policy" };

/** "pending for 2 s", "unreachable for 12 s: connection refused", "accepts no faults: answers 404 at /faults". */
export function statusText(status, now, service) {
  if (status.state === "foreign") return `accepts no ${CONTROLS[service]}: ${status.reason}`;
  const reason = status.reason ? `: ${status.reason}` : "";
  return `${status.state} for ${age(now - status.since)}${reason}`;
}

export function drawStatus(store, service, line, list) {
  const { of, applied, foreign, wanted, lagging } = countStatuses(store.state.replicas, service);
  line.dataset.state = !wanted ? "unknown" : applied === of ? "applied" : "pending";
  if (of > 0 && foreign === of) setText(line, `∅ this ${service} accepts no ${CONTROLS[service]}`);
  else setText(line, wanted ? `${applied === of ? "✓" : "…"} applied ${applied} of ${of}` : `${of} replica${of === 1 ? "" : "s"}`);
  list.replaceChildren(...lagging.map((view) => make("li", { "data-state": view.status.state },
    `${SIGNS[view.status.state]} ${view.replica.name} ${statusText(view.status, store.now(), service)}`)));
}
