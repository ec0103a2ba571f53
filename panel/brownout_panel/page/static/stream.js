// The live connection: the whole state first, then changes, resumed without loss after a break.
// If the stream is silent for a while, it requests the state, to tell a quiet panel from a dead one.

import * as api from "./api.js";

const KINDS = ["second", "replicas", "faults", "policy", "load", "run", "blocked", "experiment", "transition", "timeline"];
const QUIET_MS = 4_000; // without an event: request the state
const STALE_MS = 8_000; // without an answer either: show that the page is stale
const ASK_MS = 3_000;
const AGAIN_MS = [500, 1_000, 2_000, 5_000];

export class Stream {
  /** `onChange({state, receivedAt})` gets "connecting", "live" or "stale"; receivedAt is on performance.now(). */
  constructor(store, onChange) {
    this._store = store;
    this._onChange = onChange;
    this._source = null;
    this._last = "";
    this._receivedAt = null;
    this._failures = 0;
    this._asking = false;
  }

  start() {
    this._load();
    setInterval(() => this._watch(), 1_000);
  }

  /** Load everything: at the start, and when the panel no longer has the missed events. */
  async _load() {
    this._source?.close();
    this._source = null;
    this._asking = true;
    try {
      const [state, history] = await Promise.all([api.state(), api.history()]);
      this._failures = 0;
      this._store.setHistory(history);
      this._store.setState(state);
      this._last = state.event_id;
      this._received();
      this._open();
    } catch (error) {
      if (!(error instanceof api.Problem)) throw error;
      this._later();
    } finally {
      this._asking = false;
    }
  }

  _later() {
    const wait = AGAIN_MS[Math.min(this._failures, AGAIN_MS.length - 1)];
    this._failures += 1;
    setTimeout(() => this._load(), wait);
  }

  _open() {
    const source = new EventSource(api.streamUrl(this._last));
    this._source = source;
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        this._last = event.lastEventId || this._last;
        this._received();
        this._store.take(kind, JSON.parse(event.data));
      });
    }
    source.addEventListener("resync", () => this._load());
    source.addEventListener("error", () => {
      // The browser reconnects by itself from the last event, unless it was refused.
      if (source === this._source && source.readyState === EventSource.CLOSED) {
        this._source = null;
        this._later();
      }
    });
  }

  _received() {
    this._receivedAt = performance.now();
    this._onChange({ state: "live", receivedAt: this._receivedAt });
  }

  _watch() {
    const silent = this._receivedAt === null ? Infinity : performance.now() - this._receivedAt;
    if (silent > STALE_MS) this._onChange({ state: this._receivedAt === null ? "connecting" : "stale", receivedAt: this._receivedAt });
    if (silent > QUIET_MS && !this._asking && this._source) this._ask();
  }

  async _ask() {
    this._asking = true;
    const before = this._last;
    try {
      const state = await api.state(ASK_MS);
      this._received();
      if (state.event_id === this._last) this._store.setState(state);
      else if (before === this._last) this._load(); // it has events that it did not send: the stream is dead
    } catch (error) {
      if (!(error instanceof api.Problem)) throw error;
    } finally {
      this._asking = false;
    }
  }
}
