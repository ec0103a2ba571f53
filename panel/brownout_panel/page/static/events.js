// The list of events, newest first: the timeline's events and the breakers' transitions.

import { describe, describeTransition } from "./event_text.js";
import { find, make } from "./elements.js";
import { clock, timeOfDay } from "./format.js";

const SHOWN = 200;

/** The last events of both lists, newest first. Breaker events of the timeline are left out, or they would appear twice. */
export function merged(events, transitions, most) {
  const lines = [
    ...events.filter((event) => event.kind !== "breaker").slice(-most).map((event) => ({ at: event.at, parts: describe(event) })),
    ...transitions.slice(-most).map((transition) => ({ at: transition.at, parts: describeTransition(transition) })),
  ];
  return lines.sort((one, other) => other.at - one.at).slice(0, most);
}

export function start(store) {
  let due = false;

  function draw() {
    due = false;
    if (!store.state) return;
    const origin = store.origin();
    find("events").replaceChildren(...merged(store.events, store.transitions, SHOWN).map(({ at, parts: [sign, colour, text] }) =>
      make("li", { "data-colour": colour },
        make("time", { datetime: new Date(at * 1000).toISOString(), title: timeOfDay(at) }, origin === null ? timeOfDay(at) : clock(at - origin)),
        make("span", { class: "sign", "aria-hidden": "true" }, sign), make("span", {}, text))));
  }

  // A flapping breaker sends a hundred a second: they are drawn once a frame.
  store.on(["timeline", "transition", "history", "run"], () => {
    if (!due) requestAnimationFrame(draw);
    due = true;
  });
}
