import { h } from "../shared/common.js";

const ICONS = {
  train: "M5 3L13 8L5 13Z",
  stop: "M4 4H12V12H4Z",
  reset: "M4 8a4.5 4.5 0 1 0 2-3.8M6 1V4.6H9.6",
  compare: "M2 12L6 7L9 10L14 4M2 8L5 10L9 4L14 9",
  copy: "M6 5V2H14V11H11M2 5H11V14H2Z",
};
const FILLED = ["train", "stop"];

// A button with an icon before its label.
export function iconButton(label, icon, attributes = {}) {
  const type = FILLED.includes(icon) ? "tlk-icon tlk-icon-full" : "tlk-icon";
  const svg = h("svg", { viewBox: "0 0 16 16", class: type, "aria-hidden": "true" }, h("path", { d: ICONS[icon] }));
  return h("button", { type: "button", ...attributes }, svg, h("span", {}, label));
}
