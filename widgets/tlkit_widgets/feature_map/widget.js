import { h, onChange, onTheme, percent, put, say, startView } from "../shared/common.js";
import { sprite } from "../shared/sprite.js";
import { classLegend, cutSlider, sourceSwitch } from "./map_controls.js";
import { neighbourPanel, previewCard } from "./neighbours.js";
import { pointPlot } from "./plot.js";
import { ARROWS, nearestPoint, pointBeside } from "./points.js";
import { readState } from "./state.js";

const REACH = 14; // pixels: this near to a point, the pointer is at it
const keys = () =>
  say`Arrow keys move between points, Page Up and Page Down step through all, Enter selects, Escape clears.`;

function makeCanvas(state) {
  const about = say`${state.n} images of ${state.names.length} classes by their features.`;
  return h("canvas", {
    class: "tlk-map-canvas",
    tabindex: 0,
    role: "application",
    "aria-roledescription": say`scatter plot`,
    "aria-label": `${about} ${keys()}`,
  });
}

// What is true for the cut that is shown, in words.
function verdictLine(model, state) {
  const line = h("p", { class: "tlk-map-verdict", role: "status" });
  const update = () => {
    const chance = percent(model.get("_chance"));
    const spread = percent(state.shown("_spread"));
    const width = state.shown("_widths");
    const plane = say`The plane holds ${spread} of the spread; neighbours are sought in all ${width} dimensions.`;
    line.replaceChildren(
      h("strong", {}, percent(state.shown("_agreement"))),
      " ",
      say`of the ${state.k} nearest neighbours have the same class (by chance ${chance}).`,
      " ",
      h("span", { class: "tlk-soft" }, plane),
    );
  };
  return { line, update };
}

// Which point the key leads to, from point `from`; undefined if it leads to none.
function pointOfKey(key, state, at, from) {
  const { n } = state;
  if (key in ARROWS) {
    return pointBeside(n, at, from, ARROWS[key]);
  }
  return { Home: 0, End: n - 1, PageDown: (from + 1) % n, PageUp: (from + n - 1) % n }[key];
}

// Lets the pointer and keys walk over the points and select one; returns a function that leaves the points.
function addHands(canvas, model, state, plot, showPoint) {
  const point = (i, aloud = false) => {
    if (plot.view.current === i) {
      return;
    }
    plot.view.current = i;
    showPoint(i, aloud);
    plot.ask();
  };
  const leave = () => point(-1);
  const select = (i) => put(model, { selected: i < 0 || i === model.get("selected") ? null : i });
  const hit = (event) => nearestPoint(state.n, plot.at, event.offsetX, event.offsetY, REACH);
  const onKey = (event) => {
    const { current } = plot.view;
    const from = current >= 0 ? current : (model.get("selected") ?? 0);
    const to = pointOfKey(event.key, state, plot.at, from);
    if (to !== undefined) {
      point(to, true);
    } else if (["Enter", " "].includes(event.key)) {
      select(current);
    } else if (event.key === "Escape" && model.get("selected") !== null) {
      select(-1);
    } else {
      return;
    }
    if (!event.shiftKey) {
      event.preventDefault();
    }
  };
  canvas.addEventListener("pointermove", (event) => point(hit(event)));
  canvas.addEventListener("pointerleave", leave);
  canvas.addEventListener("blur", leave);
  canvas.addEventListener("click", (event) => select(hit(event)));
  canvas.addEventListener("keydown", onKey);
  return leave;
}

function thumbsBox(plot) {
  const box = h("input", { type: "checkbox" });
  box.addEventListener("change", () => {
    plot.view.thumbs = box.checked;
    plot.ask();
  });
  return h("label", {}, box, " ", say`show images as points`);
}

function render({ model, el }) {
  startView(el, "tlk-map", model);
  const state = readState(model);
  const pictures = sprite(model);
  const weights = sourceSwitch(model, state);
  const cut = cutSlider(model, state);
  const near = neighbourPanel(model, state, pictures);
  const verdict = verdictLine(model, state);
  const said = h("div", { class: "tlk-hidden", role: "status" });
  const canvas = makeCanvas(state);
  const frame = h("div", { class: "tlk-map-plot" }, canvas);
  const plot = pointPlot(canvas, model, state, pictures);
  const showCard = previewCard(state, pictures, frame);
  const leavePoint = addHands(canvas, model, state, plot, (i, aloud) => {
    showCard(i, plot.at);
    if (aloud && i >= 0) {
      said.textContent = say`image ${i}, ${state.label(i)}`;
    }
  });
  const legend = classLegend(state, (k) => {
    plot.view.highlight = k;
    plot.ask();
  });
  const update = () => {
    for (const part of [weights, cut, near, verdict]) {
      part.update();
    }
  };
  onChange(model, ["cut", "source"], () => {
    update();
    plot.move();
    leavePoint();
  });
  model.on("change:selected", () => {
    update();
    plot.ask();
  });
  pictures.sheet.addEventListener("load", plot.ask);
  const resized = new ResizeObserver(plot.ask);
  const endTheme = onTheme(plot.ask);
  resized.observe(canvas);
  const left = h("div", { class: "tlk-map-left" }, frame, legend);
  const right = h("div", { class: "tlk-map-right" }, cut.box, near.panel);
  const columns = h("div", { class: "tlk-map-columns" }, left, right);
  el.append(h("div", { class: "tlk-row" }, weights.field, thumbsBox(plot)), verdict.line, columns, said);
  update();
  return () => {
    plot.end();
    resized.disconnect();
    endTheme();
    pictures.free();
  };
}
export default { render };
