// Shared by the widgets: elements, traits, drawing, and how numbers are written.

// Markers of radius 1, told apart without colour.
export const SHAPES = [
  "M1 0A1 1 0 1 1-1 0A1 1 0 1 1 1 0Z",
  "M-.9-.9H.9V.9H-.9Z",
  "M0-1.15L1.1.8H-1.1Z",
  "M0-1.25L1.25 0L0 1.25L-1.25 0Z",
  "M0 1.15L1.1-.8H-1.1Z",
  "M-.4-1.1H.4V-.4H1.1V.4H.4V1.1H-.4V.4H-1.1V-.4H-.4Z",
  "M-1.1-.6L-.6-1.1L0-.5L.6-1.1L1.1-.6L.5 0L1.1.6L.6 1.1L0 .5L-.6 1.1L-1.1.6L-.5 0Z",
  "M0-1.3L.34-.47L1.24-.4L.55.18L.76 1.05L0 .58L-.76 1.05L-.55.18L-1.24-.4L-.34-.47Z",
];
export const colorOf = (k) => k % SHAPES.length;
export const shapeOf = (k) => (k + Math.floor(k / SHAPES.length)) % SHAPES.length;

// An element of HTML or SVG with its attributes, those that are undefined left out, and what is in it.
export function h(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "line", "circle", "g", "text", "title", "rect"].includes(tag);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) {
      element.setAttribute(key, value);
    }
  }
  element.append(...children);
  return element;
}

export function marker(k) {
  const path = h("path", { d: SHAPES[shapeOf(k)], class: `tlk-fill-${colorOf(k)}` });
  return h("svg", { viewBox: "-1.5 -1.5 3 3", class: "tlk-marker", "aria-hidden": "true" }, path);
}

let words = {}; // of the language that is spoken, by their English; under "" its code; empty in English

// The tag of templates that says them in the language that is spoken.
export function say(parts, ...values) {
  const english = parts.reduce((text, part, i) => `${text}{${i - 1}}${part}`);
  return word(english).replace(/\{(\d+)\}/g, (_, i) => values[i]);
}

// A word that is also a value, as the state of a block; a comment names it by the tag, for the catalogues.
export const word = (english) => words[english] ?? english;

export const newId = () => `tlk-${Math.random().toString(36).slice(2)}`;
export const headings = (names) => names.map((name) => h("th", { scope: "col" }, name));
export const cells = (contents) => contents.map((content) => h("td", {}, content));

// A box that scrolls what is in it, by keys as well.
export const scrollBox = (name, type, content) =>
  h("div", { class: type, tabindex: 0, role: "region", "aria-label": name }, content);

// A checkbox for a trait that is true or false.
export function checkbox(model, trait, text) {
  const box = h("input", { type: "checkbox" });
  box.addEventListener("change", () => put(model, { [trait]: box.checked }));
  const update = () => {
    box.checked = model.get(trait);
  };
  return { box, label: h("label", {}, box, ` ${text}`), update };
}

// Give one of several buttons the focus, and make it the only one that the Tab key reaches.
export function moveFocus(buttons, to) {
  for (const button of buttons) {
    button.tabIndex = -1;
  }
  to.tabIndex = 0;
  to.focus();
}

const isCommand = ({ ctrlKey, metaKey, altKey, shiftKey, key }) =>
  ctrlKey || metaKey || altKey || (shiftKey && key === "Enter");

// Notebook 7 hears keys before the page does, but not those of an element with this attribute.
function keepKeys(el) {
  const keep = (event) => {
    if (el.contains(event.target)) {
      event.target.toggleAttribute("data-lm-suppress-shortcuts", !isCommand(event));
    }
  };
  el.addEventListener("focusin", () => window.addEventListener("keydown", keep, true));
  el.addEventListener("focusout", () => window.removeEventListener("keydown", keep, true));
}

// Mark an element as the view of a widget. JupyterLab's command mode listens above it: there `x` would cut the cell and
// arrows would leave it. Escape, where the widget itself has no use for it, goes back to the cell, and so to that mode.
// A widget that has its words said in other languages gives its model.
export function startView(el, type, model = null) {
  el.classList.add("tlk", type);
  words = model?.get("_translations") ?? {};
  if (words[""]) {
    el.lang = words[""];
  }
  keepKeys(el);
  el.addEventListener("keydown", (event) => {
    if (!isCommand(event)) {
      event.stopPropagation();
    }
    if (event.key === "Escape" && !event.defaultPrevented) {
      el.closest(".jp-Cell")?.focus();
    }
  });
}

// Call `act` when any of these traits changes.
export function onChange(model, traits, act) {
  for (const trait of traits) {
    model.on(`change:${trait}`, act);
  }
}

// A typed array over the bytes of a trait, copied because its offset may not be aligned.
export function array(model, name, Type) {
  const { buffer, byteOffset, byteLength } = model.get(name);
  return new Type(buffer.slice(byteOffset, byteOffset + byteLength));
}

// Set traits, and send them to the kernel.
export function put(model, values) {
  for (const [name, value] of Object.entries(values)) {
    model.set(name, value);
  }
  model.save_changes();
}

// Call `draw` when JupyterLab's theme changes; returns the function that ends it.
export function onTheme(draw) {
  const observer = new MutationObserver(draw);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  return () => observer.disconnect();
}

// `ask` lets `draw` run in the next frame, once, however often it is called.
export function drawLater(draw) {
  let frame = 0;
  const run = () => {
    frame = 0;
    draw();
  };
  const ask = () => {
    frame ||= requestAnimationFrame(run);
  };
  return { ask, cancel: () => cancelAnimationFrame(frame) };
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
export const number = new Intl.NumberFormat("en");
export const percent = (share) => `${Math.round(100 * share)} %`;
export const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
export const isShare = (metric) => metric.includes("acc");
export const sayMetric = (metric, value) =>
  isShare(metric) ? `${(100 * value).toFixed(1)} %` : String(+value.toPrecision(3));
