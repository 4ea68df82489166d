import { array, h, keepKeys, percent, put, sprite } from "./common.js";

const SIDE = 280;

// Colour of a value in [0, 1]: dark, purple, orange, yellow, each step lighter than the last (after matplotlib's inferno).
const STOPS = [[0, 0, 4], [87, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164]];
export function heatColor(value) {
  const x = Math.min(1, Math.max(0, value)) * (STOPS.length - 1), i = Math.min(STOPS.length - 2, Math.floor(x));
  return STOPS[i].map((low, k) => Math.round(low + (STOPS[i + 1][k] - low) * (x - i)));
}

// Indices of the largest shares, and the explained class among them in any case.
export function topClasses(shares, explained, count = 5) {
  const order = shares.map((_, k) => k).sort((a, b) => shares[b] - shares[a]), top = order.slice(0, count);
  return top.includes(explained) ? top : [...top.slice(0, count - 1), explained];
}

function makeCanvas(model, pictures) {
  const canvas = h("canvas", { class: "tlk-cam-canvas", width: SIDE, height: SIDE, role: "img" }), g = canvas.getContext("2d");
  const draw = () => {
    const [column, row] = pictures.place(model.get("index")), side = pictures.side;
    g.globalAlpha = 1;
    g.clearRect(0, 0, SIDE, SIDE);
    if (pictures.sheet.complete && pictures.sheet.naturalWidth) g.drawImage(pictures.sheet, column * side, row * side, side, side, 0, 0, SIDE, SIDE);
    const values = array(model, "_heat", Float32Array), rows = model.get("_rows"), columns = values.length / (rows || 1);
    if (!values.length) return;
    const small = new OffscreenCanvas(columns, rows), pixels = new ImageData(columns, rows);
    values.forEach((value, i) => pixels.data.set([...heatColor(value), Math.round(255 * value)], 4 * i)); // clear where there is no evidence
    small.getContext("2d").putImageData(pixels, 0, 0);
    g.globalAlpha = model.get("strength");
    g.imageSmoothingQuality = "high";
    g.drawImage(small, 0, 0, SIDE, SIDE);
  };
  return { canvas, draw };
}

function chooser(model) {
  const index = h("input", { type: "range", min: 0, max: model.get("num_images") - 1, step: 1 }), strength = h("input", { type: "range", min: 0, max: 1, step: 0.05 });
  const block = h("select", {}, ...model.get("blocks").map((name) => h("option", { value: name }, name)));
  index.addEventListener("input", () => put(model, { index: +index.value, class_index: null }));
  strength.addEventListener("input", () => put(model, { strength: +strength.value }));
  block.addEventListener("change", () => put(model, { block: block.value }));
  const box = h("div", { class: "tlk-cam-controls" }, h("label", {}, "image", index), h("label", {}, "maps after", block), h("label", {}, "strength", strength));
  const update = () => { index.value = model.get("index"); strength.value = model.get("strength"); block.value = model.get("block"); };
  return { box, update };
}

function classList(model) {
  const list = h("div", { class: "tlk-cam-classes", role: "group", "aria-label": "Class to explain" });
  const explained = () => model.get("class_index") ?? model.get("_shares").indexOf(Math.max(...model.get("_shares")));
  const update = () => {
    const shares = model.get("_shares"), names = model.get("class_names"), label = model.get("_labels")[model.get("index")], had = list.contains(document.activeElement);
    list.replaceChildren(...topClasses(shares, explained(), Math.min(5, names.length)).map((k) => {
      const bar = h("span", { class: "tlk-cam-bar" });
      bar.style.width = `${100 * shares[k]}%`;
      const button = h("button", { type: "button", "aria-pressed": String(k === explained()) }, h("span", {}, `${names[k]}${k === label ? " (true)" : ""}`), h("span", {}, percent(shares[k])), bar);
      button.addEventListener("click", () => put(model, { class_index: k }));
      return button;
    }));
    if (had) list.querySelector("[aria-pressed=true]")?.focus();
  };
  return { list, update, explained };
}

function render({ model, el }) {
  el.classList.add("tlk", "tlk-cam");
  keepKeys(el);
  const pictures = sprite(model), picture = makeCanvas(model, pictures), controls = chooser(model), classes = classList(model), said = h("p", { role: "status" });
  const update = () => {
    controls.update(); classes.update(); picture.draw();
    const name = model.get("class_names")[classes.explained()];
    said.textContent = `Image ${model.get("index")}: bright places speak for ${name}.`;
    picture.canvas.setAttribute("aria-label", `image ${model.get("index")} with the evidence for ${name} brought out`);
  };
  for (const name of ["index", "class_index", "block", "_heat", "_shares"]) model.on(`change:${name}`, update);
  model.on("change:strength", () => { controls.update(); picture.draw(); });
  pictures.sheet.addEventListener("load", picture.draw);
  el.append(h("div", { class: "tlk-cam-columns" }, picture.canvas, h("div", { class: "tlk-cam-side" }, controls.box, h("div", { class: "tlk-soft" }, "Explain the class"), classes.list, said)));
  update();
  return pictures.free;
}
export default { render };
