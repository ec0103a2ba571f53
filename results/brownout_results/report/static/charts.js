// The charts: drawn in the page's colours, again when these change, as pictures and as data on request.

const NARROW_PX = 560;
const PRINT_WIDTH_PX = 680; // of a card on A4
const PRINT_HEIGHT_PX = 940; // of a page, below a chart's title; what is much higher goes over several
const LEAST_SHRINK = 0.6;
const CONFIG = { displayModeBar: false, showTips: false, doubleClick: "reset" };

function viewOf(figure, chart) {
  const choice = figure.querySelector("select");
  return chart.views[choice ? choice.value : Object.keys(chart.views)[0]];
}

/** Plotly's axis of time is one of dates. This one begins in 1971, since it takes 1,000 to 9,999 ms for years. */
const ORIGIN_MS = Date.UTC(1971, 0);
const toDate = (seconds) => (seconds === null ? null : ORIGIN_MS + seconds * 1000);

function dated({ traces, layout }) {
  const moved = (item, ...keys) => ({ ...item, ...Object.fromEntries(keys.filter((key) => key in item).map((key) => [key, toDate(item[key])])) });
  return {
    traces: traces.map((trace) => ({ ...trace, x: trace.x.map(toDate) })),
    layout: {
      ...layout,
      xaxis: { ...layout.xaxis, range: layout.xaxis.range.map(toDate) },
      shapes: layout.shapes.map((shape) => moved(shape, "x0", "x1")),
      annotations: layout.annotations.map((note) => (note.xref === "x" ? moved(note, "x") : note)),
    },
  };
}

const isTimed = (chart) => chart.data?.[0] === "seconds";

function draw(figure, chart, width) {
  const style = getComputedStyle(document.documentElement);
  const plot = figure.querySelector(".plot");
  const wanted = coloured({ traces: structuredClone(viewOf(figure, chart)), layout: structuredClone(chart.layout) }, style);
  const { traces, layout } = isTimed(chart) ? dated(wanted) : wanted;
  const room = width ?? plot.clientWidth;
  Object.assign(layout, { width: room, autosize: false }); // Plotly keeps a width that it once found by itself
  if (width && layout.height > PRINT_HEIGHT_PX && layout.height * LEAST_SHRINK <= PRINT_HEIGHT_PX) layout.height = PRINT_HEIGHT_PX;
  if (room < NARROW_PX) {
    layout.margin.l = 44;
    if (layout.legend?.yref === "container") { // its names take two lines here, above the labels of faults and marks
      layout.margin.t += 26;
      layout.height += 26;
    }
    layout.xaxis.nticks = 5;
    const letters = Math.floor((room - layout.margin.l) / BOLD_LETTER_PX);
    for (const note of layout.annotations ?? []) if (note.xref === "paper") note.text = fitted(note.text, letters);
  }
  if (isTimed(chart)) thinLabels(layout, room - layout.margin.l - layout.margin.r);
  for (const trace of traces) if (trace.line?.shape === "hv" && trace.x.length > 1) endLast(trace);
  layout.dragmode = matchMedia("(pointer: coarse)").matches ? false : "zoom";
  Plotly.react(plot, traces, layout, CONFIG);
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
  trace.x = [...trace.x, trace.x.at(-1) + (trace.x.at(-1) - trace.x.at(-2))];
  trace.y = [...trace.y, trace.y.at(-1)];
}

function rowsOf(traces) {
  return traces.flatMap((trace) => trace.x.map((x, i) => [trace.meta ?? trace.name, x, trace.y[i]])
    .filter(([, x, y]) => x !== null && typeof y === "number"));
}

function bind(figure, chart) {
  const name = `brownout-${chart.key}`;
  figure.addEventListener("change", () => draw(figure, chart));
  figure.addEventListener("click", (event) => {
    const format = event.target.dataset?.save;
    const plot = figure.querySelector(".plot");
    if (format === "csv") {
      save(`${name}.csv`, csv(["line", ...chart.data], rowsOf(viewOf(figure, chart))));
    } else if (format) {
      Plotly.downloadImage(plot, { format, filename: name, width: Math.max(plot.clientWidth, 1000), height: plot.clientHeight, scale: format === "png" ? 2 : 1 });
    }
  });
}
