import { array, drawLater, h, onChange, onTheme, percent, put, startView } from "./shared/common.js";

const SIDE = 380; // pixels of the picture, before it is scaled to the screen
const colour = (el, name) => getComputedStyle(el).getPropertyValue(name).trim();

// The three channels of a colour such as "#0072b2".
const channels = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

// Chances of class 1 as an image: towards one colour or the other, pale where the network is unsure.
function surface(model, el) {
  const size = model.get("_resolution");
  const numStrengths = model.get("strengths").length;
  const grids = array(model, "_grids", Uint8Array);
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  return () => {
    const start = (model.get("angle") * numStrengths + model.get("strength")) * size * size;
    const [first, second] = ["--tlk-c1", "--tlk-c0"].map((name) => channels(colour(el, name)));
    const context = canvas.getContext("2d");
    const image = context.createImageData(size, size);
    for (let cell = 0; cell < size * size; cell++) {
      const chance = grids[start + cell] / 255;
      image.data.set(chance > 0.5 ? second : first, 4 * cell);
      image.data[4 * cell + 3] = Math.round(150 * Math.abs(chance - 0.5) + 24);
    }
    context.putImageData(image, 0, 0);
    return canvas;
  };
}

// Where the chance passes one half, as short lines between the centres of cells.
function boundary(context, model, numbers) {
  const size = model.get("_resolution");
  const step = SIDE / size;
  context.beginPath();
  for (let row = 0; row < size - 1; row++) {
    for (let column = 0; column < size - 1; column++) {
      const corners = [
        [row, column],
        [row, column + 1],
        [row + 1, column + 1],
        [row + 1, column],
      ];
      const values = corners.map(([i, j]) => numbers[i * size + j] - 127.5);
      const crossings = [];
      for (let k = 0; k < 4; k++) {
        const [a, b] = [values[k], values[(k + 1) % 4]];
        if (a < 0 !== b < 0) {
          const share = a / (a - b);
          const [from, to] = [corners[k], corners[(k + 1) % 4]];
          crossings.push([0, 1].map((axis) => (from[axis] + share * (to[axis] - from[axis]) + 0.5) * step));
        }
      }
      for (let k = 0; k + 1 < crossings.length; k += 2) {
        context.moveTo(crossings[k][1], crossings[k][0]);
        context.lineTo(crossings[k + 1][1], crossings[k + 1][0]);
      }
    }
  }
  context.stroke();
}

function points(context, model, rows, paint, square) {
  const place = (value) => ((value / model.get("_reach") + 1) * SIDE) / 2;
  for (const [x, y, label] of rows) {
    context.fillStyle = paint(label);
    context.beginPath();
    if (square) {
      context.moveTo(place(x), place(-y) - 4.5);
      context.lineTo(place(x) + 4, place(-y) + 3);
      context.lineTo(place(x) - 4, place(-y) + 3);
    } else {
      context.arc(place(x), place(-y), 2.6, 0, 7);
    }
    context.fill();
  }
}

function picture(model, el) {
  const scale = Math.max(1, Math.ceil(window.devicePixelRatio || 1));
  const canvas = h("canvas", { width: SIDE * scale, height: SIDE * scale, class: "tlk-moons-picture", role: "img" });
  const shade = surface(model, el);
  const grids = array(model, "_grids", Uint8Array);
  const draw = () => {
    const [i, j] = [model.get("angle"), model.get("strength")];
    const size = model.get("_resolution") ** 2;
    const start = (i * model.get("strengths").length + j) * size;
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, SIDE, SIDE);
    context.imageSmoothingEnabled = true;
    context.drawImage(shade(), 0, 0, SIDE, SIDE);
    context.strokeStyle = colour(el, "--tlk-text");
    context.lineWidth = 1.8;
    boundary(context, model, grids.subarray(start, start + size));
    const paint = (label) => colour(el, label ? "--tlk-c0" : "--tlk-c1");
    points(context, model, model.get("_source"), paint, false);
    const grey = () => colour(el, "--tlk-text");
    points(context, model, model.get("_targets")[i], model.get("opened") ? paint : grey, true);
  };
  return { canvas, draw };
}

// A slider over the values of a dial; the number is said as it is, not as an index.
function dial(model, trait, values, name, say) {
  const last = model.get(values).length - 1;
  const range = h("input", { type: "range", min: 0, max: last, step: 1, "aria-label": name });
  const shown = h("output", { class: "tlk-moons-number" });
  range.addEventListener("input", () => put(model, { [trait]: Number(range.value) }));
  const update = () => {
    const text = say(model.get(values)[model.get(trait)]);
    range.value = model.get(trait);
    range.setAttribute("aria-valuetext", text);
    shown.textContent = text;
  };
  return { label: h("div", { class: "tlk-moons-dial" }, h("span", {}, name), shown, range), update };
}

function readings(model) {
  const terms = { source: "right on the source", apart: "domains told apart", target: "right on the target" };
  const values = {};
  const list = h("dl", { class: "tlk-moons-readings" });
  const panel = h("div", { role: "status" }, list);
  for (const [key, text] of Object.entries(terms)) {
    values[key] = h("dd", {});
    list.append(h("dt", {}, text), values[key]);
  }
  const at = (trait) => model.get(trait)[model.get("angle")][model.get("strength")];
  const update = () => {
    values.source.textContent = percent(at("source_accuracies"));
    values.apart.textContent = percent(at("told_apart"));
    values.target.textContent = model.get("opened") ? percent(at("target_accuracies")) : "in the vault";
  };
  return { panel, update };
}

function vault(model) {
  const button = h("button", { type: "button", class: "tlk-first" });
  button.addEventListener("click", () => put(model, { opened: !model.get("opened") }));
  const update = () => {
    button.textContent = model.get("opened") ? "Close the vault" : "Open the vault";
    button.setAttribute("aria-pressed", String(model.get("opened")));
  };
  return { button, update };
}

function render({ model, el }) {
  startView(el, "tlk-moons");
  const image = picture(model, el);
  const angle = dial(model, "angle", "angles", "Angle of the target", (value) => `${value}°`);
  const strength = dial(model, "strength", "strengths", "Strength λ", String);
  const numbers = readings(model);
  const lock = vault(model);
  const legend = h("p", { class: "tlk-soft" }, "● source   ▲ target, grey while the vault is closed");
  const { ask, cancel } = drawLater(image.draw);
  const update = () => {
    for (const part of [angle, strength, numbers, lock]) {
      part.update();
    }
    const { textContent } = numbers.panel;
    image.canvas.setAttribute("aria-label", `Two moons and the decision boundary: ${textContent}`);
    ask();
  };
  onChange(model, ["angle", "strength", "opened"], update);
  const endTheme = onTheme(ask);
  const side = h("div", { class: "tlk-moons-side" }, angle.label, strength.label, numbers.panel, lock.button, legend);
  el.append(h("div", { class: "tlk-moons-parts" }, image.canvas, side));
  update();
  return () => {
    cancel();
    endTheme();
  };
}
export default { render };
