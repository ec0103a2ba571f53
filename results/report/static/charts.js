// The charts: drawn in the page's colours, again when these change, as pictures and as data on request.

const NARROW_PX = 560;
const PRINT_WIDTH_PX = 700;
const CONFIG = { displayModeBar: false, responsive: true, showTips: false, doubleClick: "reset" };

function viewOf(figure, chart) {
  const choice = figure.querySelector("select");
  return chart.views[choice ? choice.value : Object.keys(chart.views)[0]];
}

function draw(figure, chart, width) {
  const style = getComputedStyle(document.documentElement);
  const plot = figure.querySelector(".plot");
  const layout = coloured(structuredClone(chart.layout), style);
  if (width) Object.assign(layout, { width, autosize: false });
  if ((width ?? plot.clientWidth) < NARROW_PX) {
    layout.margin.l = 44;
    layout.xaxis.nticks = 5;
  }
  layout.dragmode = matchMedia("(pointer: coarse)").matches ? false : "zoom";
  Plotly.react(plot, coloured(structuredClone(viewOf(figure, chart)), style), layout, CONFIG);
}

function rowsOf(traces) {
  return traces.flatMap((trace) => trace.x.map((x, i) => [trace.legendgroup ?? trace.name, trace.hovertemplate?.split(" %{")[0] ?? "", x, trace.y[i]])
    .filter(([, , x, y]) => x !== null && typeof y === "number"));
}

function bind(figure, chart) {
  const name = `brownout-${chart.key}`;
  figure.addEventListener("change", () => draw(figure, chart));
  figure.addEventListener("click", (event) => {
    const format = event.target.dataset?.save;
    const plot = figure.querySelector(".plot");
    if (format === "csv") {
      const inSeconds = chart.data[0] === "seconds";
      const rows = rowsOf(viewOf(figure, chart)).map(([line, label, x, y]) => [line, label, inSeconds ? x / 1000 : x, y]);
      save(`${name}.csv`, csv(["line", "label", ...chart.data], rows));
    } else if (format) {
      Plotly.downloadImage(plot, { format, filename: name, width: Math.max(plot.clientWidth, 1000), height: plot.clientHeight, scale: format === "png" ? 2 : 1 });
    }
  });
}
