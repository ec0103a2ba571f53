// Colours of the page's style in a chart's description: strings that begin with "--", under keys that are colours.

const COLOUR_KEYS = new Set(["color", "fillcolor", "bgcolor", "fgcolor", "bordercolor", "gridcolor"]);

function coloured(value, style, key) {
  if (Array.isArray(value)) return typeof value[0] === "object" ? value.map((item) => coloured(item, style, key)) : value;
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, coloured(item, style, name)]));
  return COLOUR_KEYS.has(key) && String(value).startsWith("--") ? style.getPropertyValue(value).trim() : value;
}
