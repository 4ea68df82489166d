import { h, onChange, percent, put, startView } from "./shared/common.js";
import { sprite } from "./shared/sprite.js";

const NUM_TILES = 9; // the image itself, and its draws
// Trait, largest value, and how a value is written.
const FACTORS = [
  ["rotation", 0.5, (value) => `± ${Math.round(360 * value)}°`],
  ["zoom", 0.5, (value) => `± ${percent(value)}`],
  ["shift", 0.5, (value) => `± ${percent(value)}`],
  ["brightness", 0.8, (value) => `± ${percent(value)}`],
  ["contrast", 0.8, (value) => `± ${percent(value)}`],
];
const FLIPS = { none: "none", horizontal: "left to right", vertical: "upside down", horizontal_and_vertical: "both" };

const labelled = (name, ...controls) => h("label", {}, h("span", {}, name), ...controls);

function factorSlider(model, [name, max, say]) {
  const slider = h("input", { type: "range", min: 0, max, step: 0.01 });
  const value = h("output");
  slider.addEventListener("input", () => put(model, { [name]: +slider.value }));
  const update = () => {
    slider.value = model.get(name);
    value.textContent = say(model.get(name));
    slider.setAttribute("aria-valuetext", say(model.get(name)));
  };
  return { label: labelled(name, slider, value), update };
}

function flipChoice(model) {
  const flip = h("select", {}, ...Object.entries(FLIPS).map(([value, text]) => h("option", { value }, text)));
  flip.addEventListener("change", () => put(model, { flip: flip.value }));
  const update = () => {
    flip.value = model.get("flip");
  };
  return { label: labelled("flip", flip), update };
}

function imageChoice(model) {
  const index = h("input", { type: "range", min: 0, max: model.get("num_images") - 1, step: 1 });
  const caption = h("output");
  index.addEventListener("input", () => put(model, { index: +index.value }));
  const update = () => {
    index.value = model.get("index");
    caption.textContent = model.get("captions")[model.get("index")] ?? String(model.get("index"));
  };
  return { label: labelled("image", index, caption), update };
}

function controls(model) {
  const parts = [imageChoice(model), flipChoice(model), ...FACTORS.map((factor) => factorSlider(model, factor))];
  const again = h("button", { type: "button" }, "Draw again");
  again.addEventListener("click", () => put(model, { seed: model.get("seed") + 1 }));
  const box = h("div", { class: "tlk-augment-controls" }, ...parts.map(({ label }) => label), again);
  const update = () => {
    for (const part of parts) {
      part.update();
    }
  };
  return { box, update };
}

// The image and its draws; `free` gives back the memory of the sheet that is shown.
function drawnTiles(model) {
  const box = h("div", { class: "tlk-augment-tiles" });
  let pictures = null;
  const makeTile = (i) => {
    const tile = pictures.tile(i, 88, i ? `draw ${i}` : "the image itself");
    tile.classList.toggle("tlk-augment-first", !i);
    return tile;
  };
  const update = () => {
    pictures?.free();
    pictures = sprite(model);
    box.replaceChildren(...Array.from({ length: NUM_TILES }, (_, i) => makeTile(i)));
  };
  return { box, update, free: () => pictures.free() };
}

function render({ model, el }) {
  startView(el, "tlk-augment");
  const choice = controls(model);
  const tiles = drawnTiles(model);
  const code = h("pre", { tabindex: 0, role: "region", "aria-label": "The layers in Keras" });
  const show = () => {
    tiles.update();
    code.textContent = model.get("code");
  };
  onChange(model, [...FACTORS.map(([name]) => name), "flip", "index"], choice.update);
  onChange(model, ["_sprite", "code"], show);
  const question = "Framed: the image itself. Would you still give each draw its label?";
  const right = h("div", { class: "tlk-augment-right" }, tiles.box, h("p", { class: "tlk-soft" }, question), code);
  el.append(h("div", { class: "tlk-augment-columns" }, choice.box, right));
  choice.update();
  show();
  return tiles.free;
}
export default { render };
