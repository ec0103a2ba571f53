// An event of the timeline as a sign, a colour's name, and a sentence. Pure.

import { laneOf } from "./breaker_intervals.js";
import { milliseconds } from "./format.js";
import { TERMS } from "./terms.js";

const by = (event) => (event.by && event.by !== "page" ? ` (by ${event.by})` : "");
/** The outcome, unless it is what was asked for. */
const outcome = (event) => ((event.code ?? "ok") === "ok" ? "" : `: ${event.outcome}`);
const on = (event) => (event.of === undefined ? "" : ` on ${event.applied} of ${event.of}`);
/** What the faults that are over have done. */
const injected = (event) => (event.injected === undefined ? "" : `; those before were injected ${event.injected} ${event.injected === 1 ? "time" : "times"}`);
const CHANGES = { appeared: "unknown", ready: "ok", unready: "fallback", gone: "error" };

const step = (event) => TERMS.steps[event.state] ?? { sign: "·", colour: "unknown" };

const SENTENCES = {
  phase: (event) => ["◆", "mark", `phase ${event.name}`],
  mark: (event) => ["◆", "mark", `note: ${event.note}`],
  fault: (event) => {
    const took = event.took_ms === undefined || event.took_ms === null ? "" : `, ${milliseconds(event.took_ms)}`;
    const there = ["set", "found"].includes(event.action);
    const what = there ? event.words || "faults" : `faults ${event.action ?? "changed"}`;
    const since = event.action === "found" ? " since before the run" : "";
    return ["▒", "mark", `${what}${since}${on(event)}${took}${outcome(event)}${injected(event)}${by(event)}`];
  },
  policy: (event) => ["◇", "mark", `policy ${event.name ?? ""} r${event.revision}${event.action === "found" ? " when the run began" : ""}${on(event)}${outcome(event)}${by(event)}`],
  kill: (event) => ["✕", "error", `kill ${event.replica}${outcome(event)}${by(event)}`],
  replica: (event) => ["▪", CHANGES[event.change] ?? "unknown", `${event.replica} ${event.change}${["gone", "tunnel"].includes(event.change) && event.reason ? `: ${event.reason}` : ""}`],
  "breaker-found": (event) => [(TERMS.breakers[event.state] ?? TERMS.breakers.unknown).sign, "unknown", `${laneOf(event)} is ${event.state}`],
  capacity: (event) => ["▪", "unknown", `${event.replica} serves at most ${event.concurrency} at once, ${milliseconds(event.service_time_ms)} each; queue of ${event.queue_limit}`],
  "restart-gap": (event) => ["▪", "ok", `${event.replica} has its settings again, ${milliseconds(event.gap_ms)} after it was ready`],
  "fault-lost": (event) => ["⚠", "error", `${event.replica} lost its faults${event.reason ? `: ${event.reason}` : ""}`],
  unreachable: (event) => ["⚠", "error", `${event.replica} unreachable${event.reason ? `: ${event.reason}` : ""}`],
  load: (event) => ["▸", "mark", `load ${event.action ?? ""}${event.on ? ` on ${event.on}` : ""}${outcome(event)}${by(event)}`],
  experiment: (event) => event.action === "lost" ? ["⚠", "error", `the experiment's process was ${event.outcome}`] : ["⚗", "mark", `experiment ${event.action}${event.file ? ` ${event.file}` : ""}${outcome(event)}${by(event)}`],
  activity: (event) => [step(event).sign, step(event).colour,
    event.part === "experiment" ? `experiment ${event.detail ?? `${event.state}: ${event.experiment}`}` : `${event.part}: ${event.activity} ${event.state}`],
  "stop-everything": (event) => ["■", "error", `stop everything${by(event)}`],
  release: (event) => ["▸", "mark", `released${by(event)}`],
  "run-started": () => ["▸", "mark", "recording started"],
  "run-ended": (event) => ["▪", "mark", `recording ended${event.how ? `: ${event.how}` : ""}`],
};

export function describe(event) {
  const sentence = SENTENCES[event.kind];
  if (sentence) return sentence(event);
  const rest = Object.entries(event).filter(([key]) => !["t", "at", "mono", "kind"].includes(key));
  return ["·", "unknown", `${event.kind} ${rest.map(([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ")}`];
}

export function describeTransition(transition) {
  const missed = transition.missed ? ` (${transition.missed} earlier ones lost)` : "";
  const { sign, colour } = TERMS.breakers[transition.to] ?? TERMS.breakers.unknown;
  const uncertain = transition.uncertain_s ? ` (± ${transition.uncertain_s.toFixed(1)} s)` : "";
  return [sign, colour, `${laneOf(transition)} ${transition.to}: ${transition.cause}${uncertain}${missed}`];
}
