// The load: Locust's own runner, closed loop (users) or open loop (arrivals).

import * as api from "./api.js";
import { find, isEdited, make, setProblem, setText } from "./elements.js";

const ACTIVE = new Set(["spawning", "running"]);

/** In open loop the users only limit concurrent requests; they do not define the load. */
const amount = ({ users, settings }) => (settings.arrival_rate ? `${settings.arrival_rate} arrivals/s` : `${users} user${users === 1 ? "" : "s"}`);

export function start(store) {
  const form = find("load-form");
  const fields = form.elements;
  const isOpen = () => fields.loop.value === "open";
  let shapes = new Map();
  let shown = null;

  const parameters = () => shapes.get(fields.shape.value) ?? [];

  function drawKind() {
    for (const element of form.querySelectorAll("[data-loop]")) element.hidden = element.dataset.loop !== fields.loop.value;
    setText(find("users-label"), isOpen() ? "maximum concurrent requests" : "users");
    fields.users.required = !isOpen();
    fields.users.placeholder = isOpen() ? "1000" : "";
    find("shape-parameters").replaceChildren(...parameters().map(({ name, label, default: placeholder, min, max, whole }) =>
      make("label", {}, `${label} `, make("input", { type: "number", name, step: whole ? 1 : "any", min, max, placeholder, title: placeholder }))));
  }

  /** The shapes and their parameters are declared by the load itself. */
  async function loadShapes() {
    const answer = await api.loadShapes();
    shapes = new Map(answer.shapes.map((shape) => [shape.name, shape.parameters]));
    find("load-shape").replaceChildren(...answer.shapes.map(({ name }) => make("option", { value: name }, name)));
    shown = null;
    drawKind();
    if (store.state) draw();
  }

  function settings() {
    const result = { shape: fields.shape.value };
    const names = ["users", "run_time", ...(isOpen() ? ["arrival_rate", "arrivals"] : ["spawn_rate"]), ...parameters().map(({ name }) => name)];
    for (const name of names) {
      const { value, type } = fields[name];
      if (value !== "") result[name] = type === "number" ? Number(value) : value;
    }
    return result;
  }

  async function act(action) {
    try {
      await action();
      setProblem(find("load-problem"), "");
    } catch (error) {
      setProblem(find("load-problem"), error.message);
    }
  }

  /** Show the settings of the last start, from here or from Locust's page. */
  function fill(settings) {
    if (JSON.stringify(settings) === shown || form.contains(document.activeElement)) return;
    shown = JSON.stringify(settings);
    if (Object.keys(settings).length === 0) return;
    fields.loop.value = settings.arrival_rate ? "open" : "closed";
    if (shapes.has(settings.shape)) fields.shape.value = settings.shape;
    drawKind();
    const values = { ...settings.shape_parameters, ...settings };
    if (settings.run_time_s) values.run_time = `${settings.run_time_s}s`;
    for (const [name, value] of Object.entries(values)) {
      const input = fields[name];
      if (input instanceof Element && input.matches("input, select") && value !== null && !isEdited(input)) input.value = value;
    }
  }

  function draw() {
    const { load, blocked } = store.state;
    const active = ACTIVE.has(load.state);
    fill(load.settings);
    const line = find("load-state");
    line.dataset.state = active ? "applied" : "unknown";
    setText(line, `${active ? "●" : "○"} ${load.state}${active ? `, ${amount(load)}` : ""}`);
    find("load-stop").disabled = !active;
    find("load-start").disabled = blocked;
    setText(find("load-start"), active ? (isOpen() ? "Restart" : "Change") : "Start");
  }

  drawKind();
  for (const radio of fields.loop) radio.addEventListener("change", () => {
    fields.users.value = isOpen() ? "" : "20"; // the field has another meaning now
    drawKind();
    draw();
  });
  find("load-shape").addEventListener("change", drawKind);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(() => api.putLoad(settings()));
  });
  find("load-stop").addEventListener("click", () => act(api.stopLoad));
  store.on(["load", "blocked"], draw);
  store.on([], () => shapes.size || act(loadShapes));
}
