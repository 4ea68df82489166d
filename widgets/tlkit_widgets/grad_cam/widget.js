import { array, h, onChange, percent, put, startView } from "../shared/common.js";
import { sprite } from "../shared/sprite.js";

const SIDE = 280; // pixels of the canvas

// Dark, purple, orange, yellow, each step lighter than the last, after matplotlib's inferno.
const STOPS = [
  [0, 0, 4],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
];

// Red, green and blue of a value in [0, 1].
export function heatColor(value) {
  const x = Math.min(1, Math.max(0, value)) * (STOPS.length - 1);
  const i = Math.min(STOPS.length - 2, Math.floor(x));
  return STOPS[i].map((low, k) => Math.round(low + (STOPS[i + 1][k] - low) * (x - i)));
}

// Indices of the largest shares, with the explained class among them in any case.
export function topClasses(shares, explained, count = 5) {
  const order = shares.map((_, k) => k).sort((a, b) => shares[b] - shares[a]);
  const top = order.slice(0, count);
  return top.includes(explained) ? top : [...top.slice(0, count - 1), explained];
}

// The heat as a small canvas, one pixel for each place of the maps, clear where there is no evidence.
function heatCanvas(values, rows) {
  const columns = values.length / rows;
  const pixels = new ImageData(columns, rows);
  for (const [i, value] of values.entries()) {
    pixels.data.set([...heatColor(value), Math.round(255 * value)], 4 * i);
  }
  const canvas = new OffscreenCanvas(columns, rows);
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

// The image with the heat over it.
function explainedImage(model, pictures) {
  const canvas = h("canvas", { class: "tlk-cam-canvas", width: SIDE, height: SIDE, role: "img" });
  const g = canvas.getContext("2d");
  const drawImage = () => {
    const { sheet, side } = pictures;
    const [column, row] = pictures.place(model.get("index"));
    if (sheet.complete && sheet.naturalWidth) {
      g.drawImage(sheet, column * side, row * side, side, side, 0, 0, SIDE, SIDE);
    }
  };
  const draw = () => {
    g.globalAlpha = 1;
    g.clearRect(0, 0, SIDE, SIDE);
    drawImage();
    const heat = array(model, "_heat", Float32Array);
    if (heat.length) {
      g.globalAlpha = model.get("strength");
      g.imageSmoothingQuality = "high";
      g.drawImage(heatCanvas(heat, model.get("_rows")), 0, 0, SIDE, SIDE);
    }
  };
  return { canvas, draw };
}

function chooser(model) {
  const index = h("input", { type: "range", min: 0, max: model.get("num_images") - 1, step: 1 });
  const strength = h("input", { type: "range", min: 0, max: 1, step: 0.05 });
  const block = h("select", {}, ...model.get("blocks").map((name) => h("option", { value: name }, name)));
  index.addEventListener("input", () => put(model, { index: +index.value, class_index: null }));
  strength.addEventListener("input", () => put(model, { strength: +strength.value }));
  block.addEventListener("change", () => put(model, { block: block.value }));
  const box = h(
    "div",
    { class: "tlk-cam-controls" },
    h("label", {}, "image", index),
    h("label", {}, "maps after", block),
    h("label", {}, "strength", strength),
  );
  const update = () => {
    index.value = model.get("index");
    strength.value = model.get("strength");
    block.value = model.get("block");
  };
  return { box, update };
}

// The likeliest classes, each a button that has it explained.
function classList(model) {
  const list = h("div", { class: "tlk-cam-classes", role: "group", "aria-label": "Class to explain" });
  const explained = () => model.get("class_index") ?? model.get("_shares").indexOf(Math.max(...model.get("_shares")));
  const makeButton = (k) => {
    const share = model.get("_shares")[k];
    const isTrue = k === model.get("_labels")[model.get("index")];
    const name = `${model.get("class_names")[k]}${isTrue ? " (true)" : ""}`;
    const bar = h("span", { class: "tlk-cam-bar" });
    bar.style.width = `${100 * share}%`;
    const pressed = { type: "button", "aria-pressed": String(k === explained()) };
    const button = h("button", pressed, h("span", {}, name), h("span", {}, percent(share)), bar);
    button.addEventListener("click", () => put(model, { class_index: k }));
    return button;
  };
  const update = () => {
    const hadFocus = list.contains(document.activeElement);
    const count = Math.min(5, model.get("class_names").length);
    list.replaceChildren(...topClasses(model.get("_shares"), explained(), count).map(makeButton));
    if (hadFocus) {
      list.querySelector("[aria-pressed=true]")?.focus();
    }
  };
  return { list, update, explained };
}

function render({ model, el }) {
  startView(el, "tlk-cam");
  const pictures = sprite(model);
  const picture = explainedImage(model, pictures);
  const controls = chooser(model);
  const classes = classList(model);
  const said = h("p", { role: "status" });
  const update = () => {
    controls.update();
    classes.update();
    picture.draw();
    const name = model.get("class_names")[classes.explained()];
    said.textContent = `Image ${model.get("index")}: bright places speak for ${name}.`;
    picture.canvas.setAttribute("aria-label", `image ${model.get("index")} with the evidence for ${name} brought out`);
  };
  onChange(model, ["index", "class_index", "block", "_heat", "_shares"], update);
  model.on("change:strength", () => {
    controls.update();
    picture.draw();
  });
  pictures.sheet.addEventListener("load", picture.draw);
  const title = h("div", { class: "tlk-soft" }, "Explain the class");
  const side = h("div", { class: "tlk-cam-side" }, controls.box, title, classes.list, said);
  el.append(h("div", { class: "tlk-cam-columns" }, picture.canvas, side));
  update();
  return pictures.free;
}
export default { render };
