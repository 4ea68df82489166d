import { boxByKeys, dragBox, moveBox, placeOver, resizeBox } from "./shared/boxes.js";
import { h, marker, onChange, plural, put, startView } from "./shared/common.js";
import { sprite } from "./shared/sprite.js";

const [STAGE, PLOT, ROOM] = [384, 260, 34];

// The line of a curve [[recall, precision], ...], which starts at recall 0 with precision 1, in a plot of `side` pixels.
export const lineOf = (curve, side) =>
  [[0, 1], ...curve].map(([recall, precision]) => `${recall * side},${(1 - precision) * side}`).join(" L");

// What counts on a scene: "2 right, 1 double".
export function sayKinds(kinds, order) {
  const counted = order.map((kind) => [kind, kinds.filter((each) => each === kind).length]);
  return counted.map(([kind, count]) => `${count} ${kind}`).join(", ");
}

// The detections of the shown scene that count: buttons to drag, each with a handle at its corner.
function boxButtons(model, stage) {
  const size = [model.get("_side"), model.get("_side")];
  const made = new Map();
  const set = (row, box) => put(model, { boxes: model.get("boxes").map((old, k) => (k === row ? box : old)) });
  const make = (row) => {
    const now = () => model.get("boxes")[row];
    const handle = h("span", { class: "tlk-box-handle", "aria-hidden": "true" });
    const tag = h("span", { class: "tlk-box-tag", "aria-hidden": "true" });
    const button = h("button", { type: "button", class: "tlk-box" }, tag, handle);
    dragBox(button, stage, size, now, (box, way) => set(row, moveBox(box, way, size)));
    dragBox(handle, stage, size, now, (box, way) => set(row, resizeBox(box, way, size)));
    boxByKeys(button, size, 1, now, (box) => set(row, box));
    return { button, tag };
  };
  const show = (row) => {
    if (!made.has(row)) {
      made.set(row, make(row));
      stage.append(made.get(row).button);
    }
    const { button, tag } = made.get(row);
    const [kind, box] = [model.get("kinds")[row], model.get("boxes")[row]];
    placeOver(button, box, size);
    button.style.setProperty("--tlk-own", `var(--tlk-c${model.get("_colours")[kind]})`);
    const name = `${model.get("_names")[row]} ${model.get("_scores")[row].toFixed(2)}, ${kind}`;
    tag.textContent = name;
    const place = box.map((value) => Math.round(value)).join(", ");
    const how = "arrow keys move it, with shift they resize it";
    button.setAttribute("aria-label", `${name}; left, top, right, bottom: ${place}; ${how}`);
  };
  return () => {
    const [kinds, images, shown] = [model.get("kinds"), model.get("_image_of"), model.get("shown")];
    const here = new Set([...kinds.keys()].filter((row) => kinds[row] && images[row] === shown));
    for (const [row, { button }] of made) {
      if (!here.has(row)) {
        button.remove();
        made.delete(row);
      }
    }
    for (const row of here) {
      show(row);
    }
  };
}

// The truths of the shown scene, dashed, with their names.
function truthBoxes(model, layer) {
  const size = [model.get("_side"), model.get("_side")];
  return () => {
    const boxes = model.get("_truths")[model.get("shown")].map(([left, top, right, bottom, name]) => {
      const box = h("div", { class: "tlk-box-dashed", title: name });
      placeOver(box, [left, top, right, bottom], size);
      return box;
    });
    layer.replaceChildren(...boxes);
  };
}

// Precision over recall, and the point of the threshold.
function curvePlot(model) {
  const line = h("path", { class: "tlk-boxboard-curve" });
  const point = h("circle", { r: 6, class: "tlk-boxboard-point" });
  const view = `${-ROOM} -8 ${PLOT + ROOM + 12} ${PLOT + ROOM + 8}`;
  const words = (text, x, y, turn) => h("text", { x, y, "text-anchor": "middle", transform: turn }, text);
  const svg = h(
    "svg",
    { viewBox: view, class: "tlk-boxboard-plot", "aria-hidden": "true" },
    h("rect", { width: PLOT, height: PLOT, class: "tlk-boxboard-frame" }),
    line,
    point,
    words("recall", PLOT / 2, PLOT + 26),
    words("precision", -PLOT / 2, -16, "rotate(-90)"),
    words("1", PLOT, PLOT + 16),
    words("0", 0, PLOT + 16),
    words("1", -10, 8),
  );
  const update = () => {
    const [precision, recall] = model.get("here");
    line.setAttribute("d", `M${lineOf(model.get("_curve"), PLOT)}`);
    point.setAttribute("cx", recall * PLOT);
    point.setAttribute("cy", (1 - precision) * PLOT);
  };
  return { svg, update };
}

// The slider of the threshold, and the choice of the scene.
function controls(model) {
  const slider = h("input", { type: "range", min: 0, max: 1, step: 0.01 });
  slider.addEventListener("input", () => put(model, { threshold: Number(slider.value) }));
  const value = h("span", { class: "tlk-boxboard-value" });
  const scene = h("select", {});
  const names = model.get("_truths").map((_truths, k) => h("option", { value: k }, String(k + 1)));
  scene.append(...names);
  scene.addEventListener("change", () => put(model, { shown: Number(scene.value) }));
  const back = h("button", { type: "button" }, "Put all back");
  back.addEventListener("click", () => put(model, { boxes: model.get("_start") }));
  const threshold = h("label", {}, "Score at least ", slider, " ", value);
  const row = h("div", { class: "tlk-row" }, h("label", {}, "Scene ", scene), threshold, back);
  const update = () => {
    slider.value = model.get("threshold");
    value.textContent = model.get("threshold").toFixed(2);
    scene.value = model.get("shown");
  };
  return { row, update };
}

function legendOf(colours) {
  const entries = Object.entries(colours).map(([kind, k]) =>
    h("span", { class: "tlk-boxboard-name" }, marker(k), kind),
  );
  return h("div", { class: "tlk-row" }, ...entries, h("span", { class: "tlk-soft" }, "dashed: the truths"));
}

function render({ model, el }) {
  startView(el, "tlk-boxboard");
  const pictures = sprite(model);
  const picture = h("div", { class: "tlk-boxboard-picture" });
  const truths = h("div", { class: "tlk-boxboard-truths", "aria-hidden": "true" });
  const stage = h("div", { class: "tlk-boxboard-stage", role: "group", "aria-label": "Boxes" }, picture, truths);
  const plot = curvePlot(model);
  const top = controls(model);
  const status = h("output", { role: "status", class: "tlk-boxboard-status" });
  const updates = [top.update, truthBoxes(model, truths), boxButtons(model, stage), plot.update];
  let shown = -1;
  const update = () => {
    if (shown !== model.get("shown")) {
      shown = model.get("shown");
      picture.replaceChildren(pictures.tile(shown, STAGE, `Scene ${shown + 1}`));
    }
    for (const act of updates) {
      act();
    }
    const [precision, recall] = model.get("here").map((value) => value.toFixed(2));
    const kinds = sayKinds(model.get("kinds"), Object.keys(model.get("_colours")));
    const all = `In ${plural(model.get("_truths").length, "scene")}: ${kinds}, ${model.get("missed")} missed`;
    const average = `Average precision over all scores ${model.get("average").toFixed(3)}`;
    status.textContent = `${all}. Precision ${precision}, recall ${recall}. ${average}.`;
  };
  onChange(model, ["boxes", "threshold", "shown", "kinds", "here", "_curve", "average"], update);
  el.append(
    top.row,
    h("div", { class: "tlk-boxboard-both" }, stage, plot.svg),
    legendOf(model.get("_colours")),
    status,
  );
  update();
  return () => pictures.free();
}
export default { render };
