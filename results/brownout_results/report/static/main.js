// Puts the page together: charts, downloads, colours for the screen and for paper.

const held = JSON.parse(document.getElementById("data").textContent);
const charts = held.charts.map((chart) => [document.getElementById(`chart-${chart.key}`), chart]);
const drawAll = (width) => charts.forEach(([figure, chart]) => draw(figure, chart, width));

for (const [figure, chart] of charts) bind(figure, chart);
drawAll();
let isPrinting = false; // a browser may turn dark into light for paper
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (!isPrinting) drawAll(); });

for (const button of document.querySelectorAll("[data-download]")) {
  button.addEventListener("click", () => {
    const { name, header, columns } = held.downloads[Number(button.dataset.download)];
    save(name, csv(header, (columns[0] ?? []).map((_, row) => columns.map((column) => column[row]))));
  });
}

const widths = new WeakMap();
const watch = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    const isOther = widths.has(target) && Math.abs(widths.get(target) - contentRect.width) >= 1;
    widths.set(target, contentRect.width);
    if (isOther && !isPrinting) draw(...charts.find(([figure]) => figure.contains(target)));
  }
});
for (const [figure] of charts) watch.observe(figure.querySelector(".plot"));

let closed = [];
addEventListener("beforeprint", () => {
  document.documentElement.dataset.theme = "light";
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const details of closed) details.open = true;
  isPrinting = true;
  drawAll(PRINT_WIDTH_PX);
});
addEventListener("afterprint", () => {
  delete document.documentElement.dataset.theme;
  for (const details of closed) details.open = false;
  isPrinting = false;
  drawAll();
});
document.documentElement.dataset.ready = "yes";
