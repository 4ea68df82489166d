import { h, keepKeys, percent, put, sprite } from "./common.js";

const SLIDERS = [
  ["rotation", 0.5, (v) => `± ${Math.round(360 * v)}°`], ["zoom", 0.5, (v) => `± ${percent(v)}`], ["shift", 0.5, (v) => `± ${percent(v)}`],
  ["brightness", 0.8, (v) => `± ${percent(v)}`], ["contrast", 0.8, (v) => `± ${percent(v)}`],
];
const FLIPS = { none: "none", horizontal: "left to right", vertical: "upside down", horizontal_and_vertical: "both" };

function controls(model) {
  const rows = SLIDERS.map(([name, max, say]) => {
    const slider = h("input", { type: "range", min: 0, max, step: 0.01 }), value = h("output");
    slider.addEventListener("input", () => put(model, { [name]: +slider.value }));
    const update = () => { slider.value = model.get(name); value.textContent = say(model.get(name)); slider.setAttribute("aria-valuetext", say(model.get(name))); };
    return { row: h("label", {}, h("span", {}, name), slider, value), update };
  });
  const flip = h("select", {}, ...Object.entries(FLIPS).map(([value, text]) => h("option", { value }, text)));
  flip.addEventListener("change", () => put(model, { flip: flip.value }));
  const index = h("input", { type: "range", min: 0, max: model.get("num_images") - 1, step: 1 }), caption = h("output");
  index.addEventListener("input", () => put(model, { index: +index.value }));
  const again = h("button", { type: "button" }, "Draw again");
  again.addEventListener("click", () => put(model, { seed: model.get("seed") + 1 }));
  const box = h("div", { class: "tlk-augment-controls" }, h("label", {}, h("span", {}, "image"), index, caption), h("label", {}, h("span", {}, "flip"), flip), ...rows.map(({ row }) => row), again);
  const update = () => {
    for (const row of rows) row.update();
    flip.value = model.get("flip");
    index.value = model.get("index");
    caption.textContent = model.get("captions")[model.get("index")] ?? String(model.get("index"));
  };
  return { box, update };
}

function render({ model, el }) {
  el.classList.add("tlk", "tlk-augment");
  keepKeys(el);
  const choice = controls(model), tiles = h("div", { class: "tlk-augment-tiles" }), code = h("pre", { tabindex: 0, role: "region", "aria-label": "The layers in Keras" });
  let pictures = null;
  const show = () => {
    pictures?.free();
    pictures = sprite(model);
    const draws = Array.from({ length: 9 }, (_, i) => {
      const tile = pictures.tile(i, 88, i ? `draw ${i}` : "the image itself");
      tile.classList.toggle("tlk-augment-first", !i);
      return tile;
    });
    tiles.replaceChildren(...draws);
    code.textContent = model.get("code");
  };
  for (const name of [...SLIDERS.map(([key]) => key), "flip", "index"]) model.on(`change:${name}`, choice.update);
  model.on("change:_sprite", show);
  model.on("change:code", show);
  el.append(h("div", { class: "tlk-augment-columns" }, choice.box, h("div", { class: "tlk-augment-right" }, tiles, h("p", { class: "tlk-soft" }, "Framed: the image itself. Would you still give each draw its label?"), code)));
  choice.update();
  show();
  return () => pictures.free();
}
export default { render };
