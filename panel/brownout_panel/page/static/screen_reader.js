// Announces changes to screen readers, gathered so that a burst of changes is one sentence.

import { laneOf } from "./breaker_intervals.js";
import { find } from "./elements.js";

const GATHER_MS = 1_500;
const MOST = 4;
const waiting = [];

export function announce(text) {
  if (!waiting.includes(text)) waiting.push(text);
  if (waiting.length === 1) setTimeout(speak, GATHER_MS);
}

function speak() {
  const rest = waiting.length > MOST ? `, and ${waiting.length - MOST} more changes` : "";
  find("announcer").textContent = waiting.slice(-MOST).join(". ") + rest;
  waiting.length = 0;
}

export function start(store) {
  store.on(["transition"], (_, transition) => transition && announce(`breaker of ${laneOf(transition)} ${transition.to}`));
  store.on(["timeline"], (_, event) => {
    if (event && ["kill", "unreachable", "fault-lost", "phase"].includes(event.kind)) announce(`${event.kind} ${event.replica ?? event.name ?? ""}`);
  });
  let phases = new Map();
  store.on(["replicas"], ({ state }) => {
    const now = new Map(state.replicas.map(({ replica }) => [replica.name, replica.phase]));
    for (const [name, phase] of now) if (phases.has(name) && phases.get(name) !== phase) announce(`${name} ${phase}`);
    phases = now;
  });
}
