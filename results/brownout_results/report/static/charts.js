// The charts: drawn in the page's colours, again when these change, as pictures and as data on request.

const NARROW_PX = 560;
const PRINT_WIDTH_PX = 680; // of a card on A4
const PRINT_HEIGHT_PX = 940; // of a page, below a chart's title; what is much higher goes over several
const LEAST_SHRINK = 0.5;
const CONFIG = { displayModeBar: false, showTips: false, doubleClick: "reset" };

function viewOf(figure, chart) {
  const choice = figure.querySelector("select");
  return chart.views[choice ? choice.value : Object.keys(chart.views)[0]];
}

/** A series as Plotly's package writes it: a list, or an array of numbers as base64. */
function series(value) {
  if (Array.isArray(value)) return value;
  const kinds = { f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array };
  return Array.from(new kinds[value.dtype](Uint8Array.from(atob(value.bdata), (letter) => letter.charCodeAt(0)).buffer));
}

/** Plotly's axis of time is one of dates. Ours begins in 1971: see style.py. */
const ORIGIN_MS = Date.UTC(1971, 0);

const isTimed = (chart) => chart.data?.[0] === "seconds";

function draw(figure, chart, width) {
  const style = getComputedStyle(document.documentElement);
  const plot = figure.querySelector(".plot");
  const { traces, layout } = coloured({ traces: structuredClone(viewOf(figure, chart)), layout: structuredClone(chart.layout) }, style);
  const room = width ?? plot.clientWidth;
  Object.assign(layout, { width: room, autosize: false }); // Plotly keeps a width that it once found by itself
  if (room < NARROW_PX) {
    layout.margin.l = 44;
    layout.xaxis.nticks = 5;
    const letters = Math.floor((room - layout.margin.l) / BOLD_LETTER_PX);
    for (const note of layout.annotations ?? []) if (note.xref === "paper") note.text = fitted(note.text, letters);
  }
  if (layout.legend?.yref === "container") { // its names may take several lines, above the labels of faults and marks
    const more = LEGEND_LINE_PX * (legendLines(traces, room - layout.margin.l - layout.margin.r) - 1);
    layout.margin.t += more;
    layout.height += more;
  }
  if (width && layout.height > PRINT_HEIGHT_PX && layout.height * LEAST_SHRINK <= PRINT_HEIGHT_PX) layout.height = PRINT_HEIGHT_PX;
  if (isTimed(chart)) thinLabels(layout, room - layout.margin.l - layout.margin.r);
  for (const trace of traces) if (trace.line?.shape === "hv" && series(trace.x).length > 1) endLast(trace);
  layout.dragmode = matchMedia("(pointer: coarse)").matches ? false : "zoom";
  Plotly.react(plot, traces, layout, CONFIG);
}

const LEGEND_LINE_PX = 27;
const LEGEND_SIGN_PX = 48;

/** Plotly gives each name of a legend the room of the longest one. */
function legendLines(traces, room) {
  const names = traces.filter((trace) => trace.showlegend !== false).map((trace) => trace.name);
  const widest = Math.max(0, ...names.map((name) => name.length * BOLD_LETTER_PX + LEGEND_SIGN_PX));
  return Math.max(1, Math.ceil(names.length / Math.max(1, Math.floor(room / widest))));
}

const LETTER_PX = 6;
const BOLD_LETTER_PX = 7;

/** A row's title without its explanation, and a long name in it cut; its unit stays. */
function fitted(title, letters) {
  const text = title.replace(/ \(.*\)$/, "").replace("requests per second", "requests/s");
  if (text.length <= letters) return text;
  const unit = text.slice(text.lastIndexOf(","));
  return `${text.slice(0, letters - unit.length - 1)}…${unit}`;
}

/** A label is beside its moment where there is room, as far as the edge lets it, and left out if it would
 * run into another. */
function thinLabels(layout, room) {
  const [from, to] = layout.xaxis.range;
  const ends = new Map();
  const shown = (note) => {
    if (note.xref !== "x") return true;
    const at = ((note.x - from) / (to - from)) * room;
    const length = note.text.length * LETTER_PX;
    note.xanchor = at + length > room ? "right" : "left";
    const wanted = note.xanchor === "right" ? at - length : at;
    const begin = Math.max(wanted, 0);
    note.xshift = begin - wanted;
    const line = `${note.y} ${note.yshift}`;
    if (begin < (ends.get(line) ?? -Infinity)) return false;
    ends.set(line, begin + length);
    return true;
  };
  layout.annotations = (layout.annotations ?? []).toSorted((one, other) => one.x - other.x).filter(shown);
}

/** A step has the width of its second: the last one too. */
function endLast(trace) {
  const [x, y] = [series(trace.x), series(trace.y)];
  trace.x = [...x, x.at(-1) + (x.at(-1) - x.at(-2))];
  trace.y = [...y, y.at(-1)];
}

/** What a trace shows, in digits that it has: those of a float of 32 bits are seven. */
function rowsOf(traces, isDate) {
  const at = (x) => (isDate ? (x - ORIGIN_MS) / 1000 : typeof x === "number" ? Number(x.toPrecision(7)) : x);
  return traces.flatMap((trace) => {
    const y = series(trace.y);
    return series(trace.x).map((x, i) => [trace.meta ?? trace.name, x, y[i]])
      .filter(([, x, y]) => x !== null && typeof y === "number" && !Number.isNaN(y))
      .map(([name, x, y]) => [name, at(x), Number(y.toPrecision(7))]);
  });
}

function bind(figure, chart) {
  const name = `brownout-${chart.key}`;
  figure.addEventListener("change", () => draw(figure, chart));
  figure.addEventListener("click", (event) => {
    const format = event.target.dataset?.save;
    const plot = figure.querySelector(".plot");
    if (format === "csv") {
      save(`${name}.csv`, csv(["line", ...chart.data], rowsOf(viewOf(figure, chart), isTimed(chart))));
    } else if (format) {
      Plotly.downloadImage(plot, { format, filename: name, width: Math.max(plot.clientWidth, 1000), height: plot.clientHeight, scale: format === "png" ? 2 : 1 });
    }
  });
}
