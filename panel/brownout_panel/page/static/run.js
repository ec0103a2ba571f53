// The top bar: the run, its clock and phase, marks, the report, and the two emergency buttons.

import { announce } from "./screen_reader.js";
import * as api from "./api.js";
import { find, setProblem, setText } from "./elements.js";
import { age, clock } from "./format.js";

export function trouble(text) {
  find("trouble").hidden = !text;
  setText(find("trouble").querySelector("p"), text);
}

async function attempt(button, action) {
  button.disabled = true;
  trouble("");
  try {
    return await action();
  } catch (error) {
    trouble(error.message);
    return null;
  } finally {
    button.disabled = false;
  }
}

/** Open the window in the click itself, or the browser blocks it; the report is ready seconds later. */
async function makeReport() {
  const page = window.open("", "_blank");
  try {
    const { path } = await api.makeReport();
    const url = new URL(path, document.baseURI);
    if (page) page.location = url;
    else location.assign(url);
  } catch (error) {
    page?.close();
    throw error;
  }
}

export function showLink({ state, receivedAt }) {
  const line = find("link-state");
  const before = line.dataset.state;
  line.dataset.state = state;
  const words = { live: "● live", connecting: "◌ connecting", stale: `⚠ stale: no update for ${age((performance.now() - receivedAt) / 1000)}` };
  setText(line, words[state]);
  document.body.classList.toggle("stale", state !== "live");
  if (before !== state && before !== "connecting") announce(state === "live" ? "connected again" : "no updates from the panel; the values shown may be old");
}

export function start(store) {
  function drawClock() {
    if (!store.state) return;
    const { run } = store.state;
    if (run.started_at === null) return setText(find("run-clock"), "");
    setText(find("run-clock"), clock((run.ended_at ?? store.now()) - run.started_at));
  }

  function drawBook(book) {
    const line = find("run-book");
    line.hidden = !book;
    line.dataset.colour = book?.balances ? "ok" : "fallback";
    setText(line, book ? `${book.balances ? "✓" : "⚠"} ${book.sentence}` : "");
  }

  function draw() {
    const { run, blocked } = store.state;
    setText(find("run-label"), run.label ?? run.folder?.split("/").pop() ?? "no run yet");
    find("run-label").title = run.folder ?? "";
    const state = run.started_at === null ? "idle" : run.ended_at === null ? "running" : "ended";
    find("run-state").dataset.state = state;
    setText(find("run-state"), { idle: "○ idle", running: "● running", ended: "■ ended" }[state]);
    setText(find("phase"), run.phase ?? "–");
    find("blocked").hidden = !blocked;
    drawBook(run.book);
    find("locust-link").hidden = !store.state.has_locust_page;
    find("report").disabled = run.folder === null;
    drawClock();
  }

  find("clear-all").addEventListener("click", (event) => attempt(event.target, api.clearFaults));
  find("stop-everything").addEventListener("click", async (event) => {
    const done = await attempt(event.target, api.stopEverything);
    if (done) setText(find("stop-steps"), ` (${done.steps.map(({ step, outcome }) => `${step}: ${outcome}`).join("; ")})`);
  });
  find("release").addEventListener("click", (event) => attempt(event.target, api.release));
  find("report").addEventListener("click", (event) => attempt(event.target, makeReport));
  find("trouble").querySelector("button").addEventListener("click", () => trouble(""));
  startMarks();
  store.on(["run", "blocked"], draw);
  setInterval(drawClock, 1000);
}

function startMarks() {
  const dialog = find("mark-dialog");
  const form = find("mark-form");
  find("mark-open").addEventListener("click", () => {
    setProblem(find("mark-problem"), "");
    find("mark-text").value = "";
    dialog.showModal();
    find("mark-text").focus();
  });
  find("mark-cancel").addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await api.mark({ [form.elements.kind.value]: find("mark-text").value.trim() });
      dialog.close();
    } catch (error) {
      setProblem(find("mark-problem"), error.message);
    }
  });
}
