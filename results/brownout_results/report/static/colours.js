// Colours of the page's style in a chart's description: "var(--name)" under keys that are colours.

const COLOUR_KEYS = new Set(["color", "fillcolor", "bgcolor", "fgcolor", "bordercolor", "gridcolor", "paper_bgcolor", "plot_bgcolor"]);

function coloured(value, style, key) {
  if (Array.isArray(value)) return typeof value[0] === "object" ? value.map((item) => coloured(item, style, key)) : value;
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, coloured(item, style, name)]));
  const name = COLOUR_KEYS.has(key) && /^var\((--[a-z0-9-]+)\)$/.exec(value);
  return name ? style.getPropertyValue(name[1]).trim() : value;
}
