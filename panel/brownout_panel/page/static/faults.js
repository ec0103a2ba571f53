// The fault controls. Dragging sends at most ten documents a second, and the last one always.

import * as api from "./api.js";
import { find, isEdited, make, setProblem, setText } from "./elements.js";
import { read, write } from "./fault_document.js";
import { FaultForm } from "./fault_form.js";
import { drawStatus } from "./replica_status.js";
import { throttle } from "./throttle.js";

const INTERVAL_MS = 100;

function seedValue() {
  const text = find("fault-seed").value;
  return text === "" ? {} : { seed: Number(text) };
}

export function start(store) {
  const problem = find("faults-problem");
  let kinds = [];
  let form = new FaultForm([], () => {});
  let others = [];
  let asked = null;

  const send = throttle(async (document) => {
    try {
      await api.putFaults(document);
      setProblem(problem, "");
    } catch (error) {
      setProblem(problem, error.message);
    }
  }, INTERVAL_MS, { idle: draw });

  function sendForm() {
    form.showSliders();
    const wrong = [...find("faults-form").elements].find((element) => element.willValidate && !element.checkValidity());
    if (wrong) {
      setProblem(problem, `${wrong.getAttribute("aria-label") ?? wrong.labels?.[0]?.textContent.trim()}: ${wrong.validationMessage}`);
      return;
    }
    send({ faults: write(form.values(), kinds, others), ...seedValue() });
  }

  function apply(faults) {
    others = [];
    form.show(read(faults, kinds).form);
    send({ faults, ...seedValue() });
  }

  /** The form follows the kinds that the backends know; another backend may know others. */
  async function loadKinds() {
    const backends = JSON.stringify(store.state.replicas.filter(({ replica }) => replica.service === "backend" && replica.phase === "ready").map(({ replica }) => replica.uid).sort());
    if (backends === asked) return;
    asked = backends;
    try {
      const answer = await api.faultKinds();
      if (JSON.stringify(answer.kinds) !== JSON.stringify(kinds)) {
        kinds = answer.kinds;
        form = new FaultForm(kinds, sendForm);
      }
      drawPresets(answer.presets);
      draw();
    } catch (error) {
      asked = null; // the next change of the replicas asks again
      setProblem(problem, error.message);
    }
  }

  function drawPresets(presets) {
    find("fault-presets").replaceChildren(...Object.keys(presets).map((name) =>
      make("button", { type: "button", "data-name": name, "aria-pressed": "false", onclick: () => apply(presets[name]) }, name)));
  }

  function drawOthers(texts) {
    const box = find("other-faults");
    box.hidden = texts.length === 0;
    box.replaceChildren(...texts.map((text, at) => make("p", {},
      `also: ${text} `, make("button", { type: "button", "aria-label": `Remove ${text}`, onclick: () => {
        others = others.filter((_, index) => index !== at);
        sendForm();
      } }, "remove"))));
  }

  function draw() {
    const { faults, replicas } = store.state;
    const isPossible = replicas.some(({ replica }) => replica.service === "backend");
    for (const id of ["fault-presets", "faults-form", "faults-status"]) find(id).hidden = !isPossible;
    find("faults-why").hidden = isPossible;
    drawStatus(store, "backend", find("faults-status"), find("faults-lagging"));
    if (send.isPending()) return; // a newer value is being sent
    const parsed = read(faults.faults, kinds);
    others = parsed.others.map((at) => faults.faults[at]);
    drawOthers(parsed.others.map((at) => faults.texts[at]));
    form.show(parsed.form);
    if (!isEdited(find("fault-seed"))) find("fault-seed").value = faults.seed ?? "";
    for (const button of find("fault-presets").children) button.setAttribute("aria-pressed", String(button.dataset.name === faults.preset));
    const isMore = ({ kind }) => kinds.some((one) => one.kind === kind && one.form === "more");
    setText(find("more-active"), faults.texts.filter((_, at) => isMore(faults.faults[at])).join(", "));
    setText(find("faults-note"), faults.faults.length
      ? `r${faults.revision}: ${faults.words}. Faults end ${faults.lease_s} s after the panel ends.`
      : "No faults.");
  }

  find("fault-seed").addEventListener("change", sendForm);
  find("faults-form").addEventListener("submit", (event) => {
    event.preventDefault();
    sendForm();
  });
  store.on(["faults", "replicas"], draw);
  store.on(["replicas"], loadKinds);
}
