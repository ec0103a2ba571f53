// The fault controls. Dragging sends at most ten documents a second, and the last one always.

import * as api from "./api.js";
import { find, isEdited, make, setProblem, setText } from "./dom.js";
import { PRESETS, presetOf, read, words, write } from "./fault_document.js";
import { drawStanding } from "./standing.js";
import { throttle } from "./throttle.js";

const INTERVAL_MS = 100;

/** Inputs: where their number goes, and how it is shown. */
const INPUTS = [
  ["error-rate", "error", "rate", 100], ["error-status", "error", "status", 1], ["error-retry-after", "error", "retry_after_s", 1],
  ["latency-ms", "latency", "ms", 1], ["latency-jitter", "latency", "jitter_ms", 1], ["latency-share", "latency", "rate", 100],
  ["hang-rate", "hang", "rate", 100], ["hang-limit", "hang", "limit_s", 1], ["reset-rate", "reset", "rate", 100],
  ["truncate-rate", "truncate", "rate", 100], ["corrupt-rate", "corrupt", "rate", 100],
];
const SLIDERS = [["error-slider", "error-rate"], ["latency-slider", "latency-ms"]];
const MORE = ["hang", "reset", "truncate", "corrupt"];

let others = [];

function formValues() {
  const form = read([]).form;
  for (const [id, kind, field, scale] of INPUTS) {
    const text = find(id).value;
    form[kind][field] = text === "" ? (field === "retry_after_s" ? null : 0) : Number((Number(text) / scale).toPrecision(12));
  }
  form.latency.distribution = find("latency-distribution").value;
  return form;
}

function showForm(form, seed) {
  for (const [id, kind, field, scale] of INPUTS) {
    const value = form[kind][field];
    if (!isEdited(find(id))) find(id).value = value === null ? "" : String(Number((value * scale).toPrecision(12)));
  }
  for (const [slider, input] of SLIDERS) find(slider).value = find(input).value;
  find("latency-distribution").value = form.latency.distribution;
  if (!isEdited(find("fault-seed"))) find("fault-seed").value = seed ?? "";
  showSliders();
}

function showSliders() {
  for (const [slider, input] of SLIDERS) {
    const range = find(slider);
    range.style.setProperty("--filled", `${(100 * Number(range.value)) / Number(range.max)}%`);
    range.setAttribute("aria-valuetext", `${find(input).value} ${slider === "error-slider" ? "percent" : "milliseconds"}`);
  }
}

function seedValue() {
  const text = find("fault-seed").value;
  return text === "" ? {} : { seed: Number(text) };
}

export function start(store) {
  const problem = find("faults-problem");
  const send = throttle(async (document) => {
    try {
      await api.putFaults(document);
      setProblem(problem, "");
    } catch (error) {
      setProblem(problem, error.message);
    }
    if (!send.isPending()) draw();
  }, INTERVAL_MS);

  function sendForm() {
    showSliders();
    const form = find("faults-form");
    const wrong = [...form.elements].find((element) => element.willValidate && !element.checkValidity());
    if (wrong) {
      setProblem(problem, `${wrong.getAttribute("aria-label") ?? wrong.labels?.[0]?.textContent.trim()}: ${wrong.validationMessage}`);
      return;
    }
    send({ faults: write(formValues(), others), ...seedValue() });
  }

  function apply(faults) {
    const parsed = read(faults);
    others = parsed.others;
    showForm(parsed.form, find("fault-seed").value || null);
    send({ faults, ...seedValue() });
  }

  function drawOthers() {
    const box = find("other-faults");
    box.hidden = others.length === 0;
    box.replaceChildren(...others.map((fault, at) => make("p", {},
      `also: ${words([fault])} `, make("button", { type: "button", "aria-label": `Remove ${words([fault])}`, onclick: () => {
        others = others.filter((_, index) => index !== at);
        sendForm();
      } }, "remove"))));
  }

  function draw() {
    const { faults } = store.state;
    drawStanding(store, "backend", find("faults-standing"), find("faults-lagging"));
    if (send.isPending()) return; // what is on its way is newer
    const parsed = read(faults.faults);
    others = parsed.others;
    drawOthers();
    showForm(parsed.form, faults.seed);
    const name = presetOf(faults.faults);
    for (const button of find("fault-presets").children) button.setAttribute("aria-pressed", String(button.dataset.name === name));
    const more = faults.faults.filter(({ kind }) => MORE.includes(kind));
    setText(find("more-active"), more.length ? words(more) : "");
    setText(find("faults-note"), faults.faults.length
      ? `r${faults.revision}: ${words(faults.faults)}. Ends by itself ${faults.lease_s} s after the panel’s end.`
      : "No faults.");
  }

  for (const name of Object.keys(PRESETS)) {
    find("fault-presets").append(make("button", { type: "button", "data-name": name, "aria-pressed": "false", onclick: () => apply(PRESETS[name]) }, name));
  }
  for (const [slider, input] of SLIDERS) {
    find(slider).addEventListener("input", () => {
      find(input).value = find(slider).value;
      sendForm();
    });
    find(input).addEventListener("input", () => { find(slider).value = find(input).value; });
  }
  for (const element of find("faults-form").elements) {
    if (element.type !== "range" && element.matches("input, select")) element.addEventListener("change", sendForm);
  }
  find("faults-form").addEventListener("submit", (event) => {
    event.preventDefault();
    sendForm();
  });
  store.on(["faults", "replicas"], draw);
}
