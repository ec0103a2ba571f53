// The page's copy of what the panel knows, and who wants to hear of changes. Nothing here draws.

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
    this._hearers = new Map();
    this._skew = 0;
  }

  /** Call `hearer(store, what)` after each change of one of `topics`; "all" comes after a new state. */
  on(topics, hearer) {
    for (const topic of [...topics, "all"]) {
      if (!this._hearers.has(topic)) this._hearers.set(topic, []);
      this._hearers.get(topic).push(hearer);
    }
  }

  _tell(topic, what) {
    for (const hearer of this._hearers.get(topic) ?? []) hearer(this, what);
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
    this._tell("all");
  }

  setHistory({ seconds, transitions, events }) {
    this.seconds = columns.fromHistory(seconds);
    this.transitions = [];
    this.events = [];
    this._numbered.clear();
    this._noted.clear();
    transitions.forEach((transition) => this._addTransition(transition));
    events.forEach((event) => this._addEvent(event));
    this._tell("history");
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
    this._tell(kind, data);
  }

  _addTransition(transition) {
    const number = `${transition.boot_id}/${transition.seq}`;
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
