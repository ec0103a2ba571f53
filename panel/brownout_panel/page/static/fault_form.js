// The inputs of the fault form, made from the descriptions of the kinds.

import { find, isEdited, make } from "./elements.js";

const SCALES = { share: 100 };
const UNITS = { share: "%", ms: "ms", s: "s" };
const SPOKEN = { share: "percent", ms: "milliseconds", s: "seconds" };
const SHARE_NAME = "share of requests";

const scaled = (value, field) => Number((value * (SCALES[field.unit] ?? 1)).toPrecision(12));
const capital = (text) => text[0].toUpperCase() + text.slice(1);
const nameOf = (kind, field) => `${capital(kind.label)}: ${field.name === "rate" ? SHARE_NAME : field.label}`;
const spoken = (kind, field) => `${nameOf(kind, field)}${field.unit ? `, ${SPOKEN[field.unit]}` : ""}`;

export class FaultForm {
  /** `onChange` is called when a value is entered or a slider moves. */
  constructor(kinds, onChange) {
    this._onChange = onChange;
    this._inputs = [];
    this._sliders = [];
    const shown = (form) => kinds.filter((kind) => kind.form === form);
    find("fault-sliders").replaceChildren(...shown("slider").map((kind) => this._dial(kind)));
    find("fault-rows").replaceChildren(...shown("more").flatMap((kind) => this._rows(kind)));
  }

  _dial(kind) {
    const field = kind.fields.find(({ name }) => name === kind.main_field);
    const input = this._input(kind, field);
    const slider = make("input", { type: "range", min: 0, max: scaled(field.usual_max ?? field.max ?? 1, field), step: field.unit === "ms" ? 10 : "any", value: 0, "aria-label": `${spoken(kind, field)}, slider` });
    if (field.unit === "share") slider.step = "1";
    slider.addEventListener("input", () => {
      input.value = slider.value;
      this._onChange();
    });
    input.addEventListener("input", () => { slider.value = input.value; });
    this._sliders.push({ slider, input, unit: field.unit });
    const rest = kind.fields.filter((one) => one !== field);
    return make("fieldset", { class: "dial", "data-kind": kind.kind, title: kind.help }, make("legend", {}, capital(kind.label)), slider,
      make("label", { class: "unit" }, input, ` ${UNITS[field.unit] ?? ""}`),
      make("span", { class: "sub" }, ...rest.map((one) => this._labelled(kind, one, one.name === "rate" ? "on" : one.label))));
  }

  _rows(kind) {
    return kind.fields.map((field) => this._labelled(kind, field, field.name === "rate" ? kind.label : field.label, field.name === "rate" ? null : "inner"));
  }

  _labelled(kind, field, text, className = null) {
    return make("label", { class: className, title: field.help }, `${text} `, make("span", {}, this._input(kind, field), field.unit ? ` ${UNITS[field.unit]}` : null));
  }

  _input(kind, field) {
    const common = { "aria-label": spoken(kind, field) };
    const number = { type: "number", min: field.min === null ? null : scaled(field.min, field), max: field.max === null ? null : scaled(field.max, field),
      step: field.type === "integer" && field.unit !== "share" ? 1 : "any", placeholder: field.nullable ? "none" : null };
    const input = field.type === "choice" ? make("select", common, ...field.choices.map((choice) => make("option", { value: choice }, choice)))
      : make("input", { ...common, ...({ boolean: { type: "checkbox" }, text: { type: "text" } }[field.type] ?? number) });
    const isOff = field.name === "rate" && kind.main_field === "rate";
    this._enter(field, input, isOff ? 0 : field.suggested);
    input.addEventListener("change", this._onChange);
    this._inputs.push({ kind: kind.kind, field, input });
    return input;
  }

  /** What is entered, by kind and field. */
  values() {
    const form = {};
    for (const { kind, field, input } of this._inputs) (form[kind] ??= {})[field.name] = this._value(field, input);
    return form;
  }

  _value(field, input) {
    if (field.type === "boolean") return input.checked;
    if (input.value === "" && field.nullable) return null;
    if (field.type === "choice" || field.type === "text") return input.value;
    return Number((Number(input.value) / (SCALES[field.unit] ?? 1)).toPrecision(12));
  }

  _enter(field, input, value) {
    if (field.type === "boolean") input.checked = value;
    else input.value = value === null ? "" : typeof value === "number" ? String(scaled(value, field)) : value;
  }

  /** Show values by kind and field; what is missing, or being edited, stays. */
  show(form) {
    for (const { kind, field, input } of this._inputs) {
      const value = form[kind][field.name];
      if (value !== undefined && !isEdited(input)) this._enter(field, input, value);
    }
    for (const { slider, input } of this._sliders) slider.value = input.value;
    this.showSliders();
  }

  showSliders() {
    for (const { slider, input, unit } of this._sliders) {
      slider.style.setProperty("--filled", `${(100 * Number(slider.value)) / Number(slider.max)}%`);
      slider.setAttribute("aria-valuetext", `${input.value} ${SPOKEN[unit] ?? ""}`);
    }
  }
}
