// Between a fault document and the form's values. Pure: which kinds and fields there are, the descriptions say
// (`GET /faults/kinds`). What the form has no place for is kept as it is.

/** In the order of the form. */
const shown = (kinds) => ["slider", "more"].flatMap((place) => kinds.filter(({ form }) => form === place));
const isSet = (value) => value !== null && value !== undefined && value !== 0 && value !== "" && value !== false;

/** Whether a kind is switched off by its rate; others are off while each of their amounts is 0. */
const isOffByRate = (kind) => kind.main_field === "rate" || isSet(kind.fields.find(({ name }) => name === kind.main_field).default);
const amounts = (kind) => kind.fields.filter(({ name, type, default: usual }) => name !== "rate" && usual === 0 && ["number", "integer"].includes(type));

/** What switches a kind off; its other values stay as they were entered. */
const off = (kind) => (isOffByRate(kind) ? { rate: 0 } : Object.fromEntries(amounts(kind).map(({ name }) => [name, 0])));

/** The form's values of a fault set, and the indices of the faults that it can't show: unknown or repeated kinds, those for some requests only. */
export function read(faults, kinds) {
  const form = Object.fromEntries(shown(kinds).map((kind) => [kind.kind, off(kind)]));
  const others = [];
  const seen = new Set();
  faults.forEach(({ kind: name, ...settings }, at) => {
    const kind = shown(kinds).find((one) => one.kind === name);
    if (!kind || seen.has(name) || settings.match) {
      others.push(at);
      return;
    }
    seen.add(name);
    const usual = Object.fromEntries(kind.fields.map((field) => [field.name, field.default]));
    const whole = { ...usual, ...settings };
    for (const { name: field, only_with: other } of kind.fields) if (!other || isSet(whole[other])) form[name][field] = whole[field];
  });
  return { form, others };
}

/** The fault set that the form's values and the other faults make. */
export function write(form, kinds, others = []) {
  const faults = [];
  for (const kind of shown(kinds)) {
    const values = form[kind.kind];
    if (!(values.rate > 0 && (isOffByRate(kind) || amounts(kind).some(({ name }) => values[name] > 0)))) continue;
    const fault = { kind: kind.kind };
    for (const { name, default: usual, only_with: other } of kind.fields) {
      const needed = name === "rate" || name === kind.main_field || values[name] !== usual;
      if (needed && (!other || isSet(values[other]))) fault[name] = values[name];
    }
    faults.push(fault);
  }
  return [...faults, ...others];
}
