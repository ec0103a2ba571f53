// A tile for each client's breaker: sign, word and colour, the counter, and the seconds to half-open.

import { find, make, setText } from "./elements.js";
import { age } from "./format.js";
import { TERMS } from "./terms.js";

/** A breaker's seconds until it is half-open, counted down from its last report; null when it isn't open. */
export function countdown(circuit, now) {
  if (circuit.seconds_until_half_open === null || circuit.state !== "open") return null;
  return Math.max(0, circuit.seconds_until_half_open - (now - circuit.as_of));
}

function detail(circuit, view, now) {
  if (view.replica.phase !== "ready") return `replica ${view.replica.phase}`;
  if (!circuit) return view.status?.state === "foreign" ? "reports no breaker" : "no report yet";
  const left = countdown(circuit, now);
  if (left !== null) return left > 0 ? `half-open in ${Math.ceil(left)} s` : "about to be half-open";
  return circuit.state === "half-open" ? "waiting for one trial request" : `failures ${circuit.fail_counter} of ${circuit.fail_max ?? "–"}`;
}

export function stateOf(view) {
  return view.circuit && view.replica.phase === "ready" ? view.circuit.state : "unknown";
}

export function start(store) {
  const list = find("breaker-tiles");
  const tiles = new Map();

  function tile(name) {
    const parts = { sign: make("span", { class: "sign", "aria-hidden": "true" }), state: make("strong"), detail: make("span", { class: "detail" }) };
    const element = make("li", { class: "tile" }, parts.sign, make("span", { class: "name" }, name), parts.state, parts.detail);
    tiles.set(name, { element, ...parts });
    list.append(element);
    return tiles.get(name);
  }

  function draw() {
    if (!store.state) return;
    const now = store.now();
    const clients = store.state.replicas.filter((view) => view.replica.service === "client");
    for (const name of tiles.keys()) {
      if (!clients.some((view) => view.replica.name === name)) {
        tiles.get(name).element.remove();
        tiles.delete(name);
      }
    }
    for (const view of clients) {
      const parts = tiles.get(view.replica.name) ?? tile(view.replica.name);
      const state = stateOf(view);
      parts.element.dataset.state = state;
      parts.element.dataset.colour = TERMS.breakers[state].colour;
      setText(parts.sign, TERMS.breakers[state].sign);
      setText(parts.state, state);
      setText(parts.detail, detail(view.circuit, view, now));
      const old = view.circuit ? now - view.circuit.as_of : null;
      parts.element.title = old === null ? "" : `last report ${age(old)} ago`;
    }
    const missed = store.transitions.reduce((sum, transition) => sum + transition.missed, 0);
    const known = `${store.transitions.length} transition${store.transitions.length === 1 ? "" : "s"}`;
    setText(find("breakers-count"), missed ? `${known}, ${missed} earlier ones lost` : `${known}, none lost`);
  }

  store.on(["replicas", "transition", "history"], draw);
  setInterval(draw, 1000);
}
