// Draws the figure once a second, and keeps the time range that is shown.

import { thin } from "./columns.js";
import { find, make, setText } from "./elements.js";
import { figure, summary } from "./figure.js";
import { clientsOf, stateIntervals } from "./breaker_intervals.js";
import { faultBands, labelledMoments } from "./annotations.js";
import { TERMS } from "./terms.js";

const SPANS = [["2 min", 120], ["10 min", 600], ["1 h", 3600], ["all", Infinity]];
const SHORTEST_S = 60;
const PIXELS_A_POINT = 2;
const NARROW = 480;
const LIBRARY = "static/vendor/plotly/plotly-basic.min.js";
const CONFIG = { displayModeBar: false, responsive: true, showTips: false, doubleClick: false };

const NAMES = { line: "--line", quiet: "--quiet", text: "--text", grid: "--rule", card: "--card", faultText: "--fault-text" };
const FILLED = 0.45;

/** #RRGGBB with FILLED of its opacity, in a form that Plotly reads. */
const transparent = (hex) => `rgba(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(", ")}, ${FILLED})`;

function themeColours() {
  const style = getComputedStyle(document.documentElement);
  const themed = Object.entries(NAMES).map(([name, property]) => [name, style.getPropertyValue(property).trim()]);
  const fills = Object.entries(TERMS.colours).map(([name, colour]) => [`${name}Fill`, transparent(colour)]);
  return { ...Object.fromEntries([...themed, ...fills]), ...TERMS.colours, fault: TERMS.colours.mark };
}

/** Part of the run to show: what someone zoomed to, or the last `length` seconds. */
export function spanOf({ zoom, length }, origin, end) {
  if (zoom) return zoom;
  const from = Math.max(origin, end - length);
  return { from, to: Math.max(end, from + SHORTEST_S) };
}

/** The axes of rows about which nothing is known of a service of the user's; the lab's clients will tell soon. */
function unknownRows({ state, seconds }, lanes) {
  const isLabs = clientsOf(state.replicas).some(({ replica }) => replica.contract !== "own");
  return [...(isLabs || seconds.amplification.some((value) => value !== null) ? [] : ["y4"]), ...(lanes.size ? [] : ["y5"])];
}

/** Loads Plotly. It keeps the page busy for a good part of a second: the numbers go first. */
function loadLibrary(then) {
  document.head.append(make("script", { src: LIBRARY, onload: then, onerror: then }));
}

export function start(store) {
  const plot = find("charts");
  const view = { zoom: null, length: 600 };
  let colours = themeColours();
  let due = false;
  let library = "unasked";

  function choose(length) {
    Object.assign(view, { zoom: null, length });
    drawButtons();
    draw();
  }

  function drawButtons() {
    for (const button of find("spans").children) button.setAttribute("aria-pressed", String(!view.zoom && Number(button.dataset.length) === view.length));
  }

  function onRelayout(change) {
    const origin = store.origin();
    if (change["xaxis.range[0]"] === undefined) return;
    // Plotly speaks of the axis' dates as text, in UTC; a whole day is given without its time.
    const seconds = (date) => origin + Date.parse(date.includes(" ") ? `${date.replace(" ", "T")}Z` : date) / 1000;
    view.zoom = { from: seconds(change["xaxis.range[0]"]), to: seconds(change["xaxis.range[1]"]) };
    drawButtons();
    draw();
  }

  function draw() {
    due = false;
    const origin = store.origin();
    const nothing = !store.state || origin === null;
    find("charts-empty").hidden = !nothing;
    plot.hidden = nothing;
    if (nothing || document.hidden) return;
    if (library === "unasked") {
      library = "loading";
      loadLibrary(() => {
        library = "loaded";
        draw();
      });
    }
    if (library === "loading") return;
    if (!globalThis.Plotly) return setText(find("charts-note"), "The chart library did not load; the numbers above are complete.");
    const { run, replicas, second } = store.state;
    const end = run.ended_at ?? store.now();
    const span = spanOf(view, origin, end);
    const pixels = Math.max(100, plot.clientWidth - 66);
    const { columns, step } = thin(store.seconds, span.from, span.to, pixels / PIXELS_A_POINT);
    const least = (2 * (span.to - span.from)) / pixels;
    const lanes = stateIntervals(clientsOf(replicas), store.transitions, Math.min(end, span.to));
    const marks = { faultBands: faultBands(store.events, end), labelledMoments: labelledMoments(store.events) };
    const without = unknownRows(store, lanes);
    const { traces, layout } = figure({ columns, lanes, transitions: store.transitions, marks, span, origin, least, colours, narrow: pixels < NARROW, without });
    layout.dragmode = matchMedia("(pointer: coarse)").matches ? false : "zoom";
    globalThis.Plotly.react(plot, traces, layout, CONFIG);
    if (!plot.dataset.drawn) plot.on("plotly_relayout", onRelayout);
    plot.dataset.drawn = "yes";
    plot.setAttribute("aria-label", summary(span, origin, second));
    const thinned = step > 1 ? `each point covers ${step} s: worst latency, mean of the others` : "one point per second";
    setText(find("charts-note"), view.zoom ? `${thinned} · zoomed; choose a span to follow the run again` : thinned);
  }

  function soon() {
    if (!due) setTimeout(() => requestAnimationFrame(draw), 200); // one drawing for all updates of a second
    due = true;
  }

  find("spans").append(...SPANS.map(([name, length]) => make("button", { type: "button", "data-length": length, "aria-pressed": "false", onclick: () => choose(length) }, name)));
  drawButtons();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    colours = themeColours();
    draw();
  });
  document.addEventListener("visibilitychange", draw);
  store.on(["second", "history", "transition", "timeline", "run"], soon);
}
