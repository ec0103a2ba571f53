// The search: every word typed must be in a run's words.

const rows = [...document.querySelectorAll("[data-search]")];

document.getElementById("search").addEventListener("input", ({ target }) => {
  const wanted = target.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const row of rows) {
    row.hidden = !wanted.every((word) => row.dataset.search.includes(word));
    found += row.hidden ? 0 : 1;
  }
  document.getElementById("found").textContent = `${found} of ${rows.length} entries`;
});
