// An event of the timeline as a sign, a colour's name, and a sentence. Pure.

import { words } from "./fault_document.js";
import { milliseconds } from "./format.js";

const by = (event) => (event.by && event.by !== "page" ? ` (by ${event.by})` : "");
const outcome = (event) => (event.outcome && !["ok", "applied", "cleared", "killed"].includes(event.outcome) ? `: ${event.outcome}` : "");

const SENTENCES = {
  phase: (event) => ["◆", "mark", `phase ${event.name}`],
  note: (event) => ["◆", "mark", `note: ${event.text ?? event.note ?? ""}`],
  fault: (event) => {
    const on = event.of === undefined ? "" : ` on ${event.applied} of ${event.of}`;
    const took = event.took_ms === undefined || event.took_ms === null ? "" : `, ${milliseconds(event.took_ms)}`;
    const what = event.action === "set" ? words(event.faults ?? []) : `faults ${event.action ?? "changed"}`;
    return ["▒", "fault", `${what}${on}${took}${outcome(event)}${by(event)}`];
  },
  policy: (event) => ["◇", "mark", `policy ${event.name ?? ""}${event.of === undefined ? "" : ` on ${event.applied} of ${event.of}`}${outcome(event)}${by(event)}`],
  kill: (event) => ["✕", "error", `kill ${event.replica}${outcome(event)}${by(event)}`],
  replica: (event) => ["▪", event.phase === "ready" || event.action === "ready" ? "ok" : "unknown", `${event.replica ?? event.name} ${event.action ?? event.phase ?? ""}`],
  "restart-gap": (event) => ["▪", "ok", `${event.replica} has what is wanted, ${milliseconds(event.gap_ms)} after it was ready`],
  "fault-lost": (event) => ["⚠", "error", `${event.replica} lost its faults${event.reason ? `: ${event.reason}` : ""}`],
  unreachable: (event) => ["⚠", "error", `${event.replica} unreachable${event.reason ? `: ${event.reason}` : ""}`],
  load: (event) => ["▸", "mark", `load ${event.action ?? ""}${by(event)}`],
  "run-started": () => ["▸", "mark", "record begins"],
  "run-ended": (event) => ["▪", "mark", `record ended${event.how ? `: ${event.how}` : ""}`],
};

const COLOURS = { closed: "ok", "half-open": "fallback", open: "error" };
const CIRCUITS = { closed: "●", "half-open": "◐", open: "✕" };

export function describe(event) {
  const sentence = SENTENCES[event.kind];
  if (sentence) return sentence(event);
  const rest = Object.entries(event).filter(([key]) => !["t", "at", "mono", "kind"].includes(key));
  return ["·", "unknown", `${event.kind} ${rest.map(([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ")}`];
}

export function describeTransition(transition) {
  const missed = transition.missed ? ` (${transition.missed} before it unknown)` : "";
  return [CIRCUITS[transition.to] ?? "?", COLOURS[transition.to] ?? "unknown", `${transition.replica} ${transition.to}: ${transition.cause}${missed}`];
}
