// The table of replicas, and the dialog that confirms a kill.

import * as api from "./api.js";
import { countdown, stateOf } from "./breakers.js";
import { find, make, setProblem, setText } from "./elements.js";
import { age, milliseconds, rate } from "./format.js";
import { SIGNS, statusText } from "./replica_status.js";
import { TERMS } from "./terms.js";

const PHASES = { ready: "●", starting: "◌", unready: "◐", gone: "✕" };

function capacity(view) {
  if (!view.capacity) return null;
  const { concurrency, service_time_ms: ms, queue_limit: queue } = view.capacity;
  return ` · serves at most ${concurrency} at once, ${milliseconds(ms)} each; queue of ${queue}`;
}

function wanted(view, now) {
  const { status } = view;
  if (view.replica.contract === "own") return null;
  const what = view.replica.service === "backend" ? "faults" : "policy";
  if (!status) return what === "faults" ? "no faults set yet" : "policy from start-up";
  const gap = view.restart_gap_ms === null ? "" : ` · ${milliseconds(view.restart_gap_ms)} after its restart`;
  if (status.state === "applied") return `${SIGNS.applied} ${what}${status.revision === null ? "" : ` r${status.revision}`}${gap}`;
  return `${SIGNS[status.state]} ${statusText(status, now, view.replica.service)}`;
}

function breakerText(view, now) {
  if (!view.circuit) return null;
  const state = stateOf(view);
  const left = countdown(view.circuit, now);
  return make("span", { class: "circuit", "data-colour": TERMS.breakers[state].colour }, `${TERMS.breakers[state].sign} ${state}${state === "open" && left ? ` ${Math.ceil(left)} s` : ""}`);
}

export function start(store) {
  const rows = new Map();
  const dialog = find("kill-dialog");
  let victim = null;

  function ask(name) {
    victim = name;
    setText(find("kill-name"), name);
    setProblem(find("kill-problem"), "");
    find("kill-last").hidden = !isLastReady(name);
    find("kill-even-last").checked = false;
    drawConfirm();
    dialog.showModal();
  }

  function isLastReady(name) {
    const views = store.state.replicas;
    const service = views.find((view) => view.replica.name === name)?.replica.service;
    const ready = views.filter((view) => view.replica.service === service && view.replica.phase === "ready");
    return ready.length === 1 && ready[0].replica.name === name;
  }

  function drawConfirm() {
    const box = find("kill-last");
    find("kill-confirm").disabled = !box.hidden && !find("kill-even-last").checked;
  }

  async function kill() {
    find("kill-confirm").disabled = true;
    try {
      await api.kill(victim, find("kill-even-last").checked);
      dialog.close();
    } catch (error) {
      setProblem(find("kill-problem"), error.message);
      // It may have become the last one while the dialog was open.
      if (error.code === "last-ready") find("kill-last").hidden = false;
      drawConfirm();
    }
  }

  function rowFor(name) {
    const cells = ["name", "phase", "age right", "restarts right", "replica-status", "rate right", "act"].map((kind) => make(kind === "name" ? "th" : "td", { class: kind, scope: kind === "name" ? "row" : null }));
    const button = make("button", { type: "button", class: "small", "aria-label": `Kill ${name}`, onclick: () => ask(name) }, "Kill…");
    setText(cells[0], name);
    cells[6].append(button);
    const element = make("tr", {}, ...cells);
    rows.set(name, { element, cells, button });
    return rows.get(name);
  }

  function drawRow(view, now) {
    const { replica } = view;
    const { element, cells, button } = rows.get(replica.name) ?? rowFor(replica.name);
    element.dataset.phase = replica.phase;
    setText(cells[1], `${PHASES[replica.phase]} ${replica.phase}`);
    cells[1].title = replica.reason ?? "";
    setText(cells[2], age(now - replica.started_at));
    setText(cells[3], String(replica.restarts));
    const circuit = breakerText(view, now);
    const settings = wanted(view, now);
    cells[4].replaceChildren(...[circuit, circuit && settings ? " · " : null, settings, capacity(view)].filter((part) => part !== null));
    cells[4].dataset.state = view.status?.state ?? "unknown";
    setText(cells[5], rate(replica.phase === "ready" ? view.rate : null));
    button.disabled = replica.phase === "gone";
    return element;
  }

  function draw() {
    if (!store.state) return;
    const views = store.state.replicas;
    const names = new Set(views.map((view) => view.replica.name));
    for (const name of rows.keys()) if (!names.has(name)) rows.delete(name);
    const elements = views.map((view) => drawRow(view, store.now()));
    const body = find("replica-rows");
    // Left in place when the list is the same, so that a focused button stays focused.
    if (elements.some((element, at) => body.children[at] !== element) || body.childElementCount !== elements.length) body.replaceChildren(...elements);
    find("replicas").closest("section").hidden = !views.length;
    setText(find("replicas-count"), `${views.filter((view) => view.replica.phase === "ready").length} of ${views.length} ready`);
  }

  find("kill-confirm").addEventListener("click", kill);
  find("kill-even-last").addEventListener("change", drawConfirm);
  store.on(["replicas"], draw);
  setInterval(draw, 1000);
}
