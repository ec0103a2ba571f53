// Settings of the client's policy, as the clients describe them: where each is in the document, and how it is written. Pure.

export const valueAt = (document, path) => path.split(".").reduce((part, key) => part?.[key], document);

/** A copy of `document` with the value at `path` replaced. */
export function withValue(document, path, value) {
  const [key, ...rest] = path.split(".");
  return { ...document, [key]: rest.length ? withValue(document[key], rest.join("."), value) : value };
}

export function valueText(field, value) {
  if (value === undefined) return "–";
  if (typeof value === "boolean") return value ? "on" : "off";
  return `${value}${field.unit ? ` ${field.unit}` : ""}`;
}

/** The fields in which two policies differ. */
export const differences = (fields, one, other) => fields.filter(({ path }) => valueAt(one, path) !== valueAt(other, path));
