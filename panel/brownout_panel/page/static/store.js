// The page's copy of what the panel knows, which notifies listeners of changes. Nothing here draws.

import * as columns from "./columns.js";

const MOST_TRANSITIONS = 10_000;
const MOST_EVENTS = 5_000;

export class Store {
  constructor() {
    this.state = null;
    this.seconds = columns.empty();
    this.transitions = [];
    this.events = [];
    this._numbered = new Set();
    this._noted = new Set();
    this._listeners = new Map();
    this._skew = 0;
  }

  /** Call `listener(store, what)` after each change of one of `topics`; "all" comes after a new state. */
  on(topics, listener) {
    for (const topic of [...topics, "all"]) {
      if (!this._listeners.has(topic)) this._listeners.set(topic, []);
      this._listeners.get(topic).push(listener);
    }
  }

  _notify(topic, what) {
    for (const listener of this._listeners.get(topic) ?? []) listener(this, what);
  }

  /** The panel's clock, in seconds since the epoch: this computer's may differ. */
  now() {
    return Date.now() / 1000 + this._skew;
  }

  /** When the run that is shown began; null without one. */
  origin() {
    return this.state?.run.started_at ?? null;
  }

  setState(state) {
    this._skew = state.now - Date.now() / 1000;
    this.state = state;
    if (state.second) columns.add(this.seconds, state.second);
    this._notify("all");
  }

  setHistory({ seconds, transitions, events }) {
    this.seconds = columns.fromHistory(seconds);
    this.transitions = [];
    this.events = [];
    this._numbered.clear();
    this._noted.clear();
    transitions.forEach((transition) => this._addTransition(transition));
    events.forEach((event) => this._addEvent(event));
    this._notify("history");
  }

  /** Take an event of the stream. */
  take(kind, data) {
    const { state } = this;
    if (kind === "second") columns.add(this.seconds, (state.second = data));
    else if (kind === "transition") {
      if (!this._addTransition(data)) return;
    } else if (kind === "timeline") {
      if (!this._addEvent(data)) return;
    } else if (kind === "blocked") state.blocked = data.blocked;
    else {
      const begins = kind === "run" && data.started_at !== state.run.started_at;
      state[kind] = data;
      if (begins && data.started_at !== null) this.seconds = columns.empty();
    }
    this._notify(kind, data);
  }

  _addTransition(transition) {
    const number = `${transition.boot_id}/${transition.breaker ?? ""}/${transition.seq}`;
    if (this._numbered.has(number)) return false;
    this._numbered.add(number);
    this.transitions.push(transition);
    if (this.transitions.length > MOST_TRANSITIONS) this.transitions.shift();
    return true;
  }

  _addEvent(event) {
    const known = { ...event, at: typeof event.t === "number" ? event.t : Date.parse(event.t) / 1000 };
    const number = `${event.t}/${event.mono}/${event.kind}`;
    if (this._noted.has(number)) return false;
    this._noted.add(number);
    this.events.push(known);
    if (this.events.length > MOST_EVENTS) this.events.shift();
    return true;
  }
}
