// Shared by the widgets. Python puts this text before each module that imports it, so that nothing is fetched.

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

export function h(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "line", "circle", "g", "text", "title", "rect"].includes(tag);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export function marker(k) {
  const path = h("path", { d: SHAPES[shapeOf(k)], class: `tlk-fill-${colorOf(k)}` });
  return h("svg", { viewBox: "-1.5 -1.5 3 3", class: "tlk-marker", "aria-hidden": "true" }, path);
}

// JupyterLab's command mode listens above the widget: there `x` would cut the cell and arrows would leave it.
export function keepKeys(el) {
  el.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter");
    if (!command) event.stopPropagation();
  });
}

// A typed array over the bytes of a trait, copied because its offset may not be aligned.
export function array(model, name, Type) {
  const { buffer, byteOffset, byteLength } = model.get(name);
  return new Type(buffer.slice(byteOffset, byteOffset + byteLength));
}

export function put(model, values) {
  for (const [name, value] of Object.entries(values)) model.set(name, value);
  model.save_changes();
}

// Call `draw` when JupyterLab's theme changes; returns the function that ends it.
export function onTheme(draw) {
  const observer = new MutationObserver(draw);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  return () => observer.disconnect();
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
export const number = new Intl.NumberFormat("en");
export const percent = (share) => `${Math.round(100 * share)} %`;

// One sheet of equal pictures, sent once; `tile` is an element that shows one of them.
export function sprite(model, name = "_sprite") {
  const url = URL.createObjectURL(new Blob([model.get(name)], { type: "image/jpeg" }));
  const sheet = new Image();
  sheet.src = url;
  const columns = model.get("_columns"), side = model.get("_thumb");
  const place = (i) => [i % columns, Math.floor(i / columns)];
  return {
    sheet, side, place,
    tile(i, size, label) {
      const [x, y] = place(i);
      const tile = h("span", { class: "tlk-tile", role: "img", "aria-label": label });
      tile.style.cssText = `width:${size}px;height:${size}px;background:url(${url}) -${x * size}px -${y * size}px / ${columns * size}px auto`;
      return tile;
    },
    free: () => URL.revokeObjectURL(url),
  };
}
