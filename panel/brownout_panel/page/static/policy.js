// The policy: presets at a click; numbers are edited, seen beside the lab's, and applied together.

import * as api from "./api.js";
import { find, make, setProblem, setText } from "./dom.js";
import { FIELDS, differences, valueAt, valueWords, withValue } from "./policy_fields.js";
import { drawStanding } from "./standing.js";

const inputs = new Map();
let edited = false;

function inputFor(field) {
  const common = { "aria-label": field.label };
  if (field.group) return make("input", { ...common, type: "checkbox" });
  if (field.choices) return make("select", common, ...field.choices.map((choice) => make("option", { value: choice }, choice)));
  return make("input", { ...common, type: "number", min: field.min, max: field.max, step: field.step ?? "any", required: true });
}

function valueOf(field) {
  const input = inputs.get(field.path);
  return field.group ? input.checked : field.choices ? input.value : Number(input.value);
}

function setValue(field, value) {
  const input = inputs.get(field.path);
  if (field.group) input.checked = value;
  else input.value = value;
}

const staged = (policy) => FIELDS.reduce((document, field) => withValue(document, field.path, valueOf(field)), policy);

export function start(store) {
  const problem = find("policy-problem");
  const cells = new Map();

  async function send(document) {
    try {
      await api.putPolicy(document);
      edited = false;
      setProblem(problem, "");
      draw();
    } catch (error) {
      setProblem(problem, error.message);
    }
  }

  function drawPresets(name, presets) {
    const box = find("policy-presets");
    const names = Object.keys(presets); // in the clients' order
    if (box.childElementCount !== names.length) {
      box.replaceChildren(...names.map((preset) => make("button", { type: "button", "data-name": preset, onclick: () => send({ preset }) }, preset)));
    }
    for (const button of box.children) button.setAttribute("aria-pressed", String(button.dataset.name === name));
  }

  function drawDifference(policy, lab) {
    const different = lab ? differences(policy, lab) : [];
    const shown = different.slice(0, 3).map((field) => `${field.label} ${valueWords(field, valueAt(policy, field.path))} (lab ${valueWords(field, valueAt(lab, field.path))})`);
    const rest = different.length > 3 ? `, and ${different.length - 3} more` : "";
    setText(find("policy-difference"), !lab ? "" : different.length ? `Not as in the lab: ${shown.join(", ")}${rest}.` : "Exactly the lab’s numbers.");
  }

  function drawRows(policy, lab) {
    for (const field of FIELDS) {
      if (!edited) setValue(field, valueAt(policy, field.path));
      const { row, labCell } = cells.get(field.path);
      const labValue = lab && valueAt(lab, field.path);
      const differs = Boolean(lab) && valueOf(field) !== labValue;
      row.classList.toggle("differs", differs);
      setText(labCell, lab ? `${differs ? "≠ " : "= "}${valueWords(field, labValue)}` : "–");
    }
    const changed = differences(staged(policy), policy).length;
    setText(find("policy-edited"), changed ? `${changed} not applied yet` : "");
    find("policy-apply").disabled = find("policy-revert").disabled = changed === 0;
  }

  function draw() {
    const { policy, presets } = store.state;
    drawStanding(store, "client", find("policy-standing"), find("policy-lagging"));
    setText(find("policy-name"), policy ? policy.name : "as started");
    drawPresets(policy?.name, presets);
    find("policy-numbers").hidden = !policy;
    if (!policy) {
      setText(find("policy-difference"), "Not set from here yet: each client has the policy that it was started with.");
      return;
    }
    drawDifference(policy.policy, presets.lab);
    drawRows(policy.policy, presets.lab);
  }

  for (const field of FIELDS) {
    const input = inputFor(field);
    inputs.set(field.path, input);
    const labCell = make("td", { class: "lab" });
    const row = make("tr", { class: field.group ? "group" : null }, make("th", { scope: "row" }, field.label),
      make("td", {}, input, field.unit ? ` ${field.unit}` : null), labCell);
    cells.set(field.path, { row, labCell });
    find("policy-rows").append(row);
  }
  find("policy-form").addEventListener("input", () => {
    edited = true;
    draw();
  });
  find("policy-form").addEventListener("submit", (event) => {
    event.preventDefault();
    send(staged(store.state.policy.policy));
  });
  find("policy-revert").addEventListener("click", () => {
    edited = false;
    draw();
  });
  store.on(["policy", "replicas"], draw);
}
