// Finding and making elements. Whatever comes from outside gets in as text, never as HTML.

export const find = (id) => document.getElementById(id);

/** An element with attributes (`class`, `data-…`, `aria-…`; false and null leave one out) and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set an element's text only when it differs, so that a screen reader is told of changes alone. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Say in `element` what went wrong; an empty text hides it. */
export function setProblem(element, text) {
  setText(element, text);
  element.hidden = !text;
}

/** Whether someone is at work in one of these inputs, so that it must not be overwritten. */
export const isEdited = (element) => document.activeElement === element && element.matches("input, select");
