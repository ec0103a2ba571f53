// Experiments: list them, start one during a load, show each step, and the verdict with its reason.

import { announce } from "./screen_reader.js";
import * as api from "./api.js";
import { find, make, setProblem, setText } from "./elements.js";
import { clock } from "./format.js";
import { TERMS } from "./terms.js";

const PARTS = { "hypothesis-before": "before", method: "method", "hypothesis-after": "after", rollbacks: "rollback" };

/** Return sign, colour name and text of the experiment; a verdict begins with its one-word result. */
export function experimentStatus(experiment) {
  if (!experiment) return ["○", "unknown", "none yet"];
  if (experiment.ended_at === null) return ["●", "mark", experiment.state];
  const word = /^\w+/.exec(experiment.verdict ?? "")?.[0] ?? "";
  const verdicts = TERMS.experiments;
  const { sign, colour } = verdicts[word] ?? (experiment.state === "succeeded" ? verdicts.passed : verdicts.failed);
  return [sign, colour, word in verdicts ? word : experiment.state];
}

/** Describe a step: its part of the experiment and its activity. */
export const stepText = (step) => `${PARTS[step.part] ?? step.part}: ${step.activity}`;

export function start(store) {
  const select = find("experiment-file");
  let isListed = false;

  async function list() {
    isListed = true;
    try {
      const { experiments } = await api.experiments();
      select.replaceChildren(...experiments.map(({ file, title }) => make("option", { value: file, title }, shortName(file))));
      setProblem(find("experiment-problem"), "");
      drawTitle(experiments);
      select.onchange = () => drawTitle(experiments);
    } catch (error) {
      setProblem(find("experiment-problem"), error.message);
      isListed = false;
    }
    if (store.state) draw();
  }

  function drawTitle(experiments) {
    const chosen = experiments.find(({ file }) => file === select.value);
    setText(find("experiment-title"), chosen?.title ?? "There are no experiments.");
  }

  async function act(button, action) {
    button.disabled = true;
    try {
      await action();
      setProblem(find("experiment-problem"), "");
    } catch (error) {
      setProblem(find("experiment-problem"), error.message);
    }
    draw();
  }

  function drawButtons({ experiment, load, blocked }) {
    const runs = experiment !== null && experiment.ended_at === null;
    const hasLoad = ["spawning", "running"].includes(load.state);
    find("experiment-start").disabled = runs || blocked || !hasLoad || !select.value;
    find("experiment-stop").disabled = !runs || experiment.state === "stopping";
    const why = blocked ? "Release the stop first." : !hasLoad && !runs ? "An experiment needs a running load. Start one first." : "";
    setText(find("experiment-hint"), why);
  }

  function drawSteps(experiment) {
    find("experiment-steps").replaceChildren(...experiment.steps.map((step) => make("li", { "data-colour": TERMS.steps[step.state].colour, title: step.detail ?? "" },
      make("time", {}, store.origin() === null ? "" : clock(step.at - store.origin())),
      make("span", { class: "sign", "aria-hidden": "true" }, TERMS.steps[step.state].sign),
      make("span", {}, stepText(step), make("span", { class: "unseen" }, ` ${step.state}`),
        step.state === "failed" && step.detail ? make("span", { class: "detail" }, ` ${step.detail}`) : null))));
  }

  function draw() {
    const { experiment } = store.state;
    const [sign, colour, words] = experimentStatus(experiment);
    const line = find("experiment-state");
    line.dataset.colour = colour;
    setText(line, `${sign} ${words}`);
    drawButtons(store.state);
    find("experiment-run").hidden = experiment === null;
    if (experiment === null) return;
    setText(find("experiment-name"), experiment.title);
    drawSteps(experiment);
    setText(find("experiment-verdict"), experiment.verdict ?? "");
    find("experiment-verdict").dataset.colour = colour;
  }

  find("experiment-form").addEventListener("submit", (event) => {
    event.preventDefault();
    act(find("experiment-start"), () => api.startExperiment(select.value));
  });
  find("experiment-stop").addEventListener("click", () => act(find("experiment-stop"), api.stopExperiment));
  find("experiments").addEventListener("focusin", () => isListed || list());
  store.on(["experiment", "load", "blocked", "run"], draw);
  store.on(["experiment"], (_, experiment) => experiment?.ended_at && announce(`experiment ${experiment.verdict}`));
  store.on([], () => isListed || setTimeout(() => isListed || list(), LIST_MS));
}

/** Listing starts a program, which would delay the first drawing. */
const LIST_MS = 1_500;

/** The user's own files are listed with their paths. */
const shortName = (file) => file.split("/").pop().replace(/\.(json|ya?ml)$/, "");
