// Numbers as text: with their unit, and a dash where nothing is known.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export const DASH = "–";
const known = (value) => value !== null && value !== undefined && Number.isFinite(value);

export const rate = (value) => (known(value) ? `${(value < 10 ? tenths : whole).format(value)}/s` : DASH);
export const percent = (share) => (known(share) ? `${percentage(share * 100)} %` : DASH);
export const ratio = (value) => (known(value) ? value.toFixed(2) : DASH);
export const count = (value) => (known(value) ? whole.format(value) : DASH);

export function milliseconds(value) {
  if (!known(value)) return DASH;
  return value >= 10_000 ? `${tenths.format(value / 1000)} s` : `${(value < 10 ? tenths : whole).format(value)} ms`;
}

/** A length of time in its largest useful unit: 2 s, 3 min, 1 h 20 min. */
export function age(seconds) {
  if (!known(seconds)) return DASH;
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** Time since the start of the run: 00:42, and with hours 1:02:03; before it with a minus. */
export function clock(seconds) {
  const sign = seconds < 0 ? "−" : "";
  const s = Math.floor(Math.abs(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  return `${sign}${hours ? `${hours}:` : ""}${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
}

/** The time of day here. */
export const timeOfDay = (at) => new Date(at * 1000).toLocaleTimeString("en-GB");

// One failure of many is never "100 %", nor one success "0 %": as many digits as that takes, six at most.
function percentage(value) {
  const written = tenths.format(value);
  if ((written !== "0" && written !== "100") || value === 0 || value === 100) return written;
  const digits = Math.min(6, Math.ceil(-Math.log10(Math.min(value, 100 - value))));
  return new Intl.NumberFormat("en", { maximumFractionDigits: digits, roundingMode: value < 50 ? "ceil" : "floor" }).format(value);
}
