// What Plotly is to draw: one figure, its rows on one time axis. Pure: columns and colours in, traces and layout out.

import { clock } from "./format.js";
import { laneOf, visibleIntervals } from "./breaker_intervals.js";
import { TERMS } from "./terms.js";

const ROWS = [
  { axis: "y", name: "rate", unit: "per second", height: 120 },
  { axis: "y2", name: "latency", unit: "ms", height: 120 },
  { axis: "y3", name: "outcomes", unit: "per second", height: 96 },
  { axis: "y4", name: "amplification", unit: "attempts a request", height: 56 },
  { axis: "y5", name: "breakers", unit: "", height: 0 },
];
const LANE = 22;
const BOTTOM = 26;
/** Where it is narrow, a row's legend stands below its title instead of beside it. */
const SPACING = { wide: { gap: 34, top: 64, left: 58 }, narrow: { gap: 50, top: 80, left: 46 } };
/** Drawn in this order: a trial of a tenth of a second is seen on top of the open stateIntervals around it. */
const WIDTHS = { unknown: 1, closed: 3, open: 14, "half-open": 8 };

/** The width of a character, in times of what `least` is the time of: two pixels. */
const CHARACTER = 3;

/** Characters of a lane's name, and the width of one in pixels. A name that is longer loses its beginning. */
const NAME = { wide: 24, narrow: 8, pixels: 6.6 };
const shortened = (name, most) => (name.length > most ? `…${name.slice(1 - most)}` : name);

const LINES = [
  { field: "offered", row: 0, colour: "quiet", dash: "dash", width: 1.5 },
  { field: "throughput", row: 0, colour: "line", width: 1.5 },
  { field: "goodput", row: 0, colour: "ok", width: 2 },
  { field: "p50_ms", name: "p50", row: 1, colour: "line", width: 1.2 },
  { field: "p95_ms", name: "p95", row: 1, colour: "line", width: 2.2 },
  { field: "p99_ms", name: "p99", row: 1, colour: "line", width: 1.5, dash: "dot" },
  ...Object.entries(TERMS.outcomes).map(([field, { colour, pattern }]) => ({ field, row: 2, colour, stacked: true, pattern, rare: field === "tunnel" })),
  { field: "amplification", row: 3, colour: "line", width: 1.5, single: true },
];

const laneHeight = (lanes) => Math.max(1, lanes) * LANE;
const axisKey = (axis) => `yaxis${axis.slice(1)}`;
const figureHeight = (rows, lanes, { top, gap }) => top + BOTTOM + gap * (rows.length - 1) + rows.reduce((sum, row) => sum + (row.height || laneHeight(lanes)), 0);
const legendOf = (row) => `legend${row === 0 ? "" : row + 1}`;

/** More than a decade between the smallest and the largest value. */
export function spansDecade(columns) {
  let low = Infinity;
  let high = 0;
  for (const column of columns) {
    for (const value of column) {
      if (value === null || value <= 0) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return high > low * 10;
}

/**
 * The axis is of dates that begin with the run: Plotly then labels it in minutes and seconds. They are texts, in
 * UTC as Plotly reads them: a number from 1000 to 9999 it would take for a year, and others for the local time.
 */
const toAxis = (origin) => (t) => new Date(Math.round((t - origin) * 1000)).toISOString().slice(0, -1);

function lineTraces(columns, x, colours, rows) {
  return LINES.filter((line) => rows.includes(ROWS[line.row])).map((line) => ({
    type: "scatter", mode: "lines", name: line.name ?? line.field, x, y: columns[line.field], yaxis: ROWS[line.row].axis,
    legend: legendOf(line.row), showlegend: !line.single && !(line.rare && columns[line.field].every((value) => !value)), connectgaps: false,
    line: { color: colours[line.colour], width: line.stacked ? 0.5 : line.width, dash: line.dash ?? "solid", shape: line.stacked ? "hv" : "linear" },
    hovertemplate: `${line.name ?? line.field} %{y:.4~g}<extra></extra>`,
    ...(line.stacked ? { stackgroup: "outcomes", fillcolor: colours[`${line.colour}Fill`],
      fillpattern: line.pattern ? { shape: line.pattern, size: 6, solidity: 0.15, fgcolor: colours[line.colour], bgcolor: colours[`${line.colour}Fill`] } : undefined } : {}),
  }));
}

function laneTraces(lanes, { from, to, at, least, colours }) {
  return Object.keys(WIDTHS).map((state) => {
    const x = [];
    const y = [];
    for (const [replica, all] of lanes) {
      for (const interval of visibleIntervals(all, from, to, least)) {
        if (interval.state !== state) continue;
        x.push(at(interval.from), at(interval.to), null);
        y.push(replica, replica, null);
      }
    }
    return { type: "scatter", mode: "lines", name: state, x, y, yaxis: "y5", legend: legendOf(4), hoverinfo: "skip",
      line: { width: WIDTHS[state], color: colours[TERMS.breakers[state].colour], dash: state === "unknown" ? "dot" : "solid" } };
  });
}

function transitionTrace(transitions, lanes, { from, to, at, colours }) {
  const shown = transitions.filter((transition) => transition.at >= from && transition.at <= to && lanes.has(laneOf(transition))).slice(-1000);
  return { type: "scatter", mode: "markers", name: "transition", showlegend: false, yaxis: "y5",
    x: shown.map((transition) => at(transition.at)), y: shown.map(laneOf),
    customdata: shown.map((transition) => `${transition.from} → ${transition.to}`),
    marker: { symbol: "line-ns-open", size: 12, line: { width: 1, color: colours.text } },
    hovertemplate: "%{y} %{customdata}<extra></extra>" };
}

function markShapes({ faultBands, labelledMoments }, { from, to, at, colours, least, spacing }) {
  const shapes = [];
  const annotations = [];
  const ends = [];
  /** A label that would run into the one before it on its line is left out; what it stands for is drawn all the same. */
  const label = (t, text, colour, line) => {
    const length = text.length * CHARACTER * least;
    const right = t + length > to;
    if (line in ends && (right ? t - length : t) < ends[line]) return;
    ends[line] = right ? t : t + length;
    annotations.push({ x: at(t), xref: "x", y: 1, yref: "paper", yanchor: "bottom", xanchor: right ? "right" : "left",
      yshift: spacing.top - 46 + 13 * line, text, showarrow: false, font: { size: 11, color: colour } });
  };
  for (const band of faultBands) {
    if (band.to < from || band.from > to) continue;
    const [start, end] = [Math.max(band.from, from), Math.min(band.to, to)];
    shapes.push({ type: "rect", layer: "below", xref: "x", yref: "paper", x0: at(start), x1: at(end), y0: 0, y1: 1, fillcolor: colours.fault, opacity: 0.12, line: { width: 0 } });
    if (end - start > band.label.length * CHARACTER * least) label(start, band.label, colours.faultText, 0);
  }
  for (const moment of labelledMoments) {
    if (moment.at < from || moment.at > to) continue;
    const kill = moment.kind === "kill";
    shapes.push({ type: "line", xref: "x", yref: "paper", x0: at(moment.at), x1: at(moment.at), y0: 0, y1: 1,
      line: { width: 1, color: kill ? colours.error : colours.text, dash: kill ? "solid" : "dot" } });
    label(moment.at, moment.label, kill ? colours.error : colours.text, kill ? 1 : 2);
  }
  return { shapes, annotations };
}

/** Plotly reads a little HTML in labels (and styles it inline, which our policy forbids): names are to be read as they are. */
const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function rowsLayout(rows, lanes, height, columns, colours, spacing) {
  const inner = height - spacing.top - BOTTOM;
  const axes = {};
  const legends = {};
  const titles = [];
  let top = inner;
  rows.forEach((row) => {
    const index = ROWS.indexOf(row);
    const rowHeight = row.height || laneHeight(lanes.size);
    const domain = [Math.max(0, (top - rowHeight) / inner), top / inner];
    axes[axisKey(row.axis)] = { domain, anchor: "x", fixedrange: true, rangemode: "tozero", gridcolor: colours.grid, zeroline: false,
      nticks: 4, tickfont: { size: 11, color: colours.quiet }, automargin: false };
    legends[legendOf(index)] = { orientation: "h", x: 1, xanchor: "right", y: domain[1], yanchor: "bottom", font: { size: 11, color: colours.text },
      bgcolor: "rgba(0,0,0,0)", itemwidth: 30, traceorder: "normal" };
    titles.push({ x: 0, xref: "paper", xanchor: "left", y: domain[1], yref: "paper", yanchor: "bottom", showarrow: false, xshift: 3, yshift: spacing.gap - 31,
      text: row.unit ? `${row.name}, ${row.unit}` : row.name, font: { size: 11, weight: 600, color: colours.quiet } });
    top -= rowHeight + spacing.gap;
  });
  if (spansDecade([columns.p50_ms, columns.p95_ms, columns.p99_ms])) Object.assign(axes.yaxis2, { type: "log", rangemode: "normal", dtick: 1, minor: { dtick: "D1", showgrid: true, gridcolor: colours.grid } });
  else axes.yaxis2.type = "linear";
  if (axes.yaxis4) Object.assign(axes.yaxis4, { nticks: 3 });
  const names = [...lanes.keys()];
  if (axes.yaxis5) Object.assign(axes.yaxis5, { type: "category", categoryorder: "array", categoryarray: names.toReversed(), range: [-0.6, names.length - 0.4], showgrid: false, nticks: 0,
    tickvals: names, ticktext: names.map((name) => plain(shortened(name, spacing.name))) });
  return { axes, legends, titles };
}

/** `span` is {from, to} in seconds since the epoch, `origin` the start of the run, `least` what must be seen, in s; `without` are axes of rows to leave out. */
export function figure({ columns, lanes, transitions, marks, span, origin, least, colours, narrow, without = [] }) {
  const rows = ROWS.filter((row) => !without.includes(row.axis));
  const at = toAxis(origin);
  const most = narrow ? NAME.narrow : NAME.wide;
  const longest = Math.min(most, Math.max(0, ...[...lanes.keys()].map((name) => name.length)));
  const usual = narrow ? SPACING.narrow : SPACING.wide;
  const spacing = { ...usual, name: most, left: Math.max(usual.left, Math.ceil(longest * NAME.pixels) + 6) };
  const context = { ...span, at, least, colours, spacing };
  const height = figureHeight(rows, lanes.size, spacing);
  const { axes, legends, titles } = rowsLayout(rows, lanes, height, columns, colours, spacing);
  const { shapes, annotations } = markShapes(marks, context);
  const x = columns.t.map(at);
  const long = span.to - origin >= 3600;
  return {
    traces: [...lineTraces(columns, x, colours, rows), ...(without.includes("y5") ? [] : [...laneTraces(lanes, context), transitionTrace(transitions, lanes, context)])],
    layout: {
      height, ...axes, ...legends, shapes, annotations: [...titles, ...annotations.map((note) => ({ ...note, text: plain(note.text) }))],
      margin: { l: spacing.left, r: 8, t: spacing.top, b: BOTTOM }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", size: 12, color: colours.text },
      xaxis: { type: "date", range: [at(span.from), at(span.to)], anchor: rows.at(-1).axis, gridcolor: colours.grid, tickformat: long ? "%-H:%M:%S" : "%M:%S",
        hoverformat: long ? "%-H:%M:%S" : "%M:%S", tickfont: { size: 11, color: colours.quiet }, nticks: 8, zeroline: false },
      hovermode: "x unified", hoversubplots: "axis", hoverlabel: { bgcolor: colours.card, bordercolor: colours.grid, font: { color: colours.text, size: 11 } },
    },
  };
}

/** The charts in a sentence, for those who can't see them. */
export function summary({ from, to }, origin, second) {
  const last = second ? ` In the last second: goodput ${Math.round(second.goodput)} per second, p95 ${second.p95_ms === null ? "unknown" : `${Math.round(second.p95_ms)} ms`}.` : "";
  return `Rates, latency, outcomes, retry amplification and breakers from ${clock(from - origin)} to ${clock(to - origin)}.${last}`;
}
