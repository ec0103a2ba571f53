// The figures of the last second, with their age, and the last seconds as a table (also for screen readers).

import { find, make, setText } from "./elements.js";
import { age, clock, count, milliseconds, percent, rate, ratio, timeOfDay } from "./format.js";
import { TERMS } from "./terms.js";

const ROWS = 10;
const OUTCOMES = Object.keys(TERMS.outcomes);
const answers = (second) => OUTCOMES.reduce((sum, outcome) => sum + second[outcome], 0);
const shareOf = (second, outcome) => (answers(second) ? second[outcome] / answers(second) : null);

const NUMBERS = [
  ["goodput", (second) => rate(second.goodput)],
  ["throughput", (second) => rate(second.throughput)],
  ["offered", (second) => rate(second.offered)],
  ...OUTCOMES.filter((outcome) => outcome !== "tunnel").map((outcome) => [outcome, (second) => percent(shareOf(second, outcome)), TERMS.outcomes[outcome].colour]),
  ["p50", (second) => milliseconds(second.p50_ms)],
  ["p95", (second) => milliseconds(second.p95_ms)],
  ["p99", (second) => milliseconds(second.p99_ms)],
  ["amplification", (second) => ratio(second.amplification)],
];
const LATE_S = 4;

export function start(store) {
  const cells = NUMBERS.map(([name, , colour]) => {
    const value = make("dd", {}, "–");
    find("numbers").append(make("div", { class: "kpi", "data-colour": colour ?? null }, make("dt", {}, name), value));
    return value;
  });

  function drawAge() {
    const second = store.state?.second;
    if (!second) return setText(find("numbers-age"), "nothing measured yet");
    const old = store.now() - (second.t + 1);
    const late = old > LATE_S;
    find("numbers").classList.toggle("old", late);
    const isOpen = Boolean(store.state.load.settings.arrival_rate); // users then only limit concurrency
    const users = isOpen ? "open loop" : `${count(second.users)} user${second.users === 1 ? "" : "s"}`;
    const dropped = second.dropped ? `, ${count(second.dropped)} arrivals dropped` : "";
    setText(find("numbers-age"), late ? `${users}${dropped} · from ${age(old)} ago` : `${users}${dropped} · the last second`);
  }

  function drawTable() {
    if (!find("table-view").open) return;
    const { t } = store.seconds;
    const origin = store.origin();
    const rows = [];
    for (let at = t.length - 1; at >= Math.max(0, t.length - ROWS); at -= 1) {
      const second = Object.fromEntries(Object.entries(store.seconds).map(([field, column]) => [field, column[at]]));
      rows.push(make("tr", {}, make("th", { scope: "row" }, origin === null ? timeOfDay(t[at]) : clock(t[at] - origin)),
        ...NUMBERS.map(([, words]) => make("td", { class: "right" }, words(second)))));
    }
    find("seconds-body").replaceChildren(...rows);
  }

  function draw() {
    const second = store.state?.second;
    if (second) NUMBERS.forEach(([, words], at) => setText(cells[at], words(second)));
    cells.at(-1).parentElement.hidden = !store.seconds.amplification.some((value) => value !== null);
    drawAge();
    drawTable();
  }

  find("seconds-head").append(make("tr", {}, make("th", { scope: "col" }, "time"), ...NUMBERS.map(([name]) => make("th", { scope: "col", class: "right" }, name))));
  find("table-view").addEventListener("toggle", drawTable);
  store.on(["second", "history", "run"], draw);
  setInterval(drawAge, 1000);
}
