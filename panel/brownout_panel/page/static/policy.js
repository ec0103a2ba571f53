// The policy: presets at a click; numbers are edited, seen beside the lab's, and applied together.

import * as api from "./api.js";
import { find, make, setProblem, setText } from "./elements.js";
import { differences, valueAt, valueText, withValue } from "./policy_fields.js";
import { drawStatus } from "./replica_status.js";

const inputs = new Map();
let fields = [];
let edited = false;

function inputFor(field) {
  const common = { "aria-label": field.label };
  if (field.type === "boolean") return make("input", { ...common, type: "checkbox" });
  if (field.type === "choice") return make("select", common, ...field.choices.map((choice) => make("option", { value: choice }, choice)));
  return make("input", { ...common, type: "number", min: field.min, max: field.max, step: field.type === "integer" ? 1 : "any", required: true });
}

function valueOf(field) {
  const input = inputs.get(field.path);
  return field.type === "boolean" ? input.checked : field.type === "choice" ? input.value : Number(input.value);
}

function setValue(field, value) {
  const input = inputs.get(field.path);
  if (field.type === "boolean") input.checked = value;
  else input.value = value;
}

const staged = (policy) => fields.reduce((document, field) => withValue(document, field.path, valueOf(field)), policy);

export function start(store) {
  const problem = find("policy-problem");
  const cells = new Map();
  let presets = {};
  let asked = null;

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

  /** Settings and presets follow from what the clients say of them; other clients may have others. */
  async function loadFields() {
    const ready = store.state.replicas.filter(({ replica, status }) => replica.service === "client" && replica.phase === "ready" && status?.state !== "foreign");
    const clients = JSON.stringify(ready.map(({ replica }) => replica.uid).sort());
    if (!ready.length || clients === asked) return;
    asked = clients;
    try {
      const answer = await api.policyFields();
      if (!answer.fields.length) asked = null; // none has answered the panel yet: the next change of the replicas asks again
      presets = answer.presets;
      if (JSON.stringify(answer.fields) !== JSON.stringify(fields)) buildRows(answer.fields);
      draw();
    } catch (error) {
      asked = null;
      setProblem(problem, error.message);
    }
  }

  function buildRows(described) {
    fields = described;
    find("policy-rows").replaceChildren(...fields.map((field) => {
      const input = inputFor(field);
      inputs.set(field.path, input);
      const labCell = make("td", { class: "lab" });
      const row = make("tr", { class: field.type === "boolean" ? "group" : null }, make("th", { scope: "row" }, field.label),
        make("td", {}, input, field.unit ? ` ${field.unit}` : null), labCell);
      cells.set(field.path, { row, labCell });
      return row;
    }));
  }

  function drawPresets(name) {
    const box = find("policy-presets");
    const names = Object.keys(presets); // in the clients' order
    if (box.childElementCount !== names.length) {
      box.replaceChildren(...names.map((preset) => make("button", { type: "button", "data-name": preset, onclick: () => send({ preset }) }, preset)));
    }
    for (const button of box.children) button.setAttribute("aria-pressed", String(button.dataset.name === name));
  }

  function drawDifference(policy, lab) {
    const different = lab ? differences(fields, policy, lab) : [];
    const shown = different.slice(0, 3).map((field) => `${field.label} ${valueText(field, valueAt(policy, field.path))} (lab ${valueText(field, valueAt(lab, field.path))})`);
    const rest = different.length > 3 ? `, and ${different.length - 3} more` : "";
    setText(find("policy-difference"), !lab ? "" : different.length ? `Differs from the lab: ${shown.join(", ")}${rest}.` : "Same values as the lab.");
  }

  function drawRows(policy, lab) {
    for (const field of fields) {
      if (!edited) setValue(field, valueAt(policy, field.path));
      const { row, labCell } = cells.get(field.path);
      const labValue = lab && valueAt(lab, field.path);
      const differs = Boolean(lab) && valueOf(field) !== labValue;
      row.classList.toggle("differs", differs);
      setText(labCell, lab ? `${differs ? "≠ " : "= "}${valueText(field, labValue)}` : "–");
    }
    const changed = differences(fields, staged(policy), policy).length;
    setText(find("policy-edited"), changed ? `${changed} not applied yet` : "");
    find("policy-apply").disabled = find("policy-revert").disabled = changed === 0;
  }

  function draw() {
    const { policy, replicas } = store.state;
    const isKnown = policy || replicas.some(({ replica }) => replica.service === "client" && replica.contract !== "own");
    find("policy").hidden = !isKnown; // a service of the user's has a policy of its own, which is set in its code
    drawStatus(store, "client", find("policy-status"), find("policy-lagging"));
    setText(find("policy-name"), policy ? policy.name : "from start-up");
    drawPresets(policy?.name);
    find("policy-numbers").hidden = !policy;
    if (!policy) {
      setText(find("policy-difference"), "Not set here yet; each client still has the policy it was started with.");
      return;
    }
    const lab = fields.length ? presets.lab : undefined;
    drawDifference(policy.policy, lab);
    drawRows(policy.policy, lab);
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
  store.on(["replicas"], loadFields);
}
