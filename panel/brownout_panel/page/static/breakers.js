// A tile for each breaker: sign, word and colour, the counter, and the seconds to half-open. A client of the lab has
// one, named as the replica; a service of the user's may have several, or none that is known.

import { breakersOf, clientsOf } from "./breaker_intervals.js";
import { find, make, setText } from "./elements.js";
import { age } from "./format.js";
import { TERMS } from "./terms.js";

/** A breaker's seconds until it is half-open, counted down from its last report; null when it isn't open. */
export function countdown(circuit, now) {
  if (circuit.seconds_until_half_open === null || circuit.state !== "open") return null;
  return Math.max(0, circuit.seconds_until_half_open - (now - circuit.as_of));
}

/** Why nothing is known of the breakers; "" where some are, or may be soon. */
export function whyNone(replicas) {
  const clients = clientsOf(replicas);
  if (breakersOf(clients).length) return "";
  const reason = clients.map((view) => view.breakers_reason).find(Boolean);
  if (reason) return `${clients[0].replica.breaker}: ${reason}`;
  if (clients.some((view) => view.replica.breaker)) return "";
  return "No breaker is known. Say where the service tells of them: breaker = \"/metrics\" in brownout.toml, or --breaker URL. See docs/breakers.md.";
}

function detail(circuit, view, now) {
  if (view.replica.phase !== "ready") return `replica ${view.replica.phase}`;
  if (!circuit) return view.status?.state === "foreign" ? "reports no breaker" : "no report yet";
  const left = countdown(circuit, now);
  if (left !== null) return left > 0 ? `half-open in ${Math.ceil(left)} s` : "about to be half-open";
  if (circuit.state === "unknown") return `no answer for ${age(now - circuit.as_of)}`;
  if (circuit.fail_counter !== null) return circuit.state === "half-open" ? "waiting for one trial request" : `failures ${circuit.fail_counter} of ${circuit.fail_max ?? "–"}`;
  return circuit.cause || "\u00a0";
}

export function stateOf(view, circuit = view.circuit) {
  return circuit && view.replica.phase === "ready" ? circuit.state : "unknown";
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
    const breakers = breakersOf(clientsOf(store.state.replicas));
    for (const name of tiles.keys()) {
      if (!breakers.some((one) => one.name === name)) {
        tiles.get(name).element.remove();
        tiles.delete(name);
      }
    }
    for (const { name, view, circuit } of breakers) {
      const parts = tiles.get(name) ?? tile(name);
      const state = stateOf(view, circuit);
      parts.element.dataset.state = state;
      parts.element.dataset.colour = TERMS.breakers[state].colour;
      setText(parts.sign, TERMS.breakers[state].sign);
      setText(parts.state, state);
      setText(parts.detail, detail(circuit, view, now));
      parts.element.title = circuit ? `last report ${age(now - circuit.as_of)} ago` : "";
    }
    const why = whyNone(store.state.replicas);
    setText(find("breakers-why"), why);
    find("breakers-why").hidden = !why;
    find("breakers-count").hidden = !breakers.length;
    const missed = store.transitions.reduce((sum, transition) => sum + transition.missed, 0);
    const known = `${store.transitions.length} transition${store.transitions.length === 1 ? "" : "s"}`;
    setText(find("breakers-count"), missed ? `${known}, ${missed} earlier ones lost` : `${known}, none lost`);
  }

  store.on(["replicas", "transition", "history"], draw);
  setInterval(draw, 1000);
}
