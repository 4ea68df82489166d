import { drawLater, h, marker, onChange, put, SHAPES, shapeOf, startView } from "./shared/common.js";

const [WIDTH, HEIGHT, UNIT] = [600, 330, 68]; // UNIT: pixels for the length of the first gradient
const [CENTER_X, CENTER_Y] = [WIDTH / 2, HEIGHT - 36];
const [SHORTEST, LONGEST] = [0.05, 4];
const RIM = LONGEST * UNIT;
const radians = (degrees) => (degrees * Math.PI) / 180;
const clampTo = (value, from, to) => Math.min(to, Math.max(from, value));
const stagePlace = ([x, y]) => [CENTER_X + UNIT * x, CENTER_Y - UNIT * y];
const pathOf = (places) => `M${places.map((place) => place.map((each) => each.toFixed(1)).join(" ")).join("L")}`;

// How fast each loss falls in the shared step, as a multiple of its pace in a step of its own; below 0 it rises.
export function pacesOf(angle, length, weight) {
  const cosine = Math.cos(radians(angle));
  return [1 + weight * length * cosine, 1 + cosine / (weight * length)];
}

// In words, with "0 %" for what rounds to it.
export function sayPace(pace) {
  const share = Math.round(100 * pace);
  if (share === 0) {
    return "stays as it is";
  }
  return share > 0 ? `falls at ${share} % of its pace alone` : `rises at ${-share} % of that pace`;
}

// Who pays for the step.
export function sayWhoPays([first, second], name) {
  if (Math.min(first, second) >= 0.005) {
    return "Both losses fall.";
  }
  if (Math.max(first, second) < 0.005) {
    return "Neither loss falls.";
  }
  return first < second ? `${name} pays for the step.` : "The second task pays for the step.";
}

// Angle and length of an arrow whose tip is at a place of the stage.
export function arrowTo(x, y) {
  const [dx, dy] = [(x - CENTER_X) / UNIT, Math.max(0, CENTER_Y - y) / UNIT];
  const angle = (Math.atan2(dy, dx) * 180) / Math.PI;
  return { angle: Math.round(angle), length: clampTo(Math.round(20 * Math.hypot(dx, dy)) / 20, SHORTEST, LONGEST) };
}

function arrow(to, type) {
  const [x, y] = stagePlace(to);
  const turn = Math.atan2(y - CENTER_Y, x - CENTER_X);
  const back = (side) => [x + 12 * Math.cos(turn + side), y + 12 * Math.sin(turn + side)];
  const shaft = h("line", { x1: CENTER_X, y1: CENTER_Y, x2: x, y2: y });
  const head = h("path", { d: `${pathOf([back(2.7), [x, y], back(-2.7)])}Z` });
  return h("g", { class: type }, shaft, head);
}

// The part of the plane in which both losses fall: within 90 degrees of both arrows.
function goodPart(angle) {
  const from = angle - 90;
  const places = Array.from({ length: 41 }, (_each, i) => {
    const turn = radians(from + (i / 40) * (180 - angle));
    return [9 * Math.cos(turn), 9 * Math.sin(turn)];
  });
  return h("path", { d: `${pathOf([[CENTER_X, CENTER_Y], ...places.map(stagePlace)])}Z`, class: "tlk-dial-good" });
}

function drawDial(model, svg) {
  const [angle, length, weight] = ["angle", "length", "weight"].map((name) => model.get(name));
  const [x, y] = [length * Math.cos(radians(angle)), length * Math.sin(radians(angle))];
  const step = [1 + weight * x, weight * y];
  const size = Math.hypot(...step);
  const shown = step.map((each) => (each * Math.min(size, LONGEST)) / Math.max(size, 1e-9));
  const rim = Array.from({ length: 61 }, (_each, i) => {
    const turn = radians(3 * i);
    return [LONGEST * Math.cos(turn), LONGEST * Math.sin(turn)];
  });
  const ticks = Object.values(model.get("measured")).map((task, k) => {
    const turn = radians(task.angle);
    const [tx, ty] = [CENTER_X + (RIM + 10) * Math.cos(turn), CENTER_Y - (RIM + 10) * Math.sin(turn)];
    const color = `tlk-fill-${k + 2}`;
    return h("path", { d: SHAPES[shapeOf(k + 2)], transform: `translate(${tx} ${ty}) scale(6)`, class: color });
  });
  const [tipX, tipY] = stagePlace([x, y]);
  svg.replaceChildren(
    goodPart(angle),
    h("path", { d: pathOf(rim.map(stagePlace)), class: "tlk-dial-rim" }),
    h("line", { x1: CENTER_X, y1: 0, x2: CENTER_X, y2: HEIGHT, class: "tlk-dial-upright" }),
    h("path", { d: pathOf([[1, 0], step, [weight * x, weight * y]].map(stagePlace)), class: "tlk-dial-sum" }),
    arrow([1, 0], "tlk-dial-first"),
    arrow([x, y], "tlk-dial-second"),
    arrow(shown, "tlk-dial-step"),
    h("circle", { cx: tipX, cy: tipY, r: 13, class: "tlk-dial-handle" }),
    ...ticks,
  );
}

// A slider for a number, which is said in words.
function slider(model, trait, name, [min, max, step], say) {
  const range = h("input", { type: "range", min, max, step, "aria-label": name });
  const shown = h("span", { class: "tlk-dial-number", "aria-hidden": "true" }); // the slider says it
  range.addEventListener("input", () => put(model, { [trait]: Number(range.value) }));
  const update = () => {
    const text = say(model.get(trait));
    range.value = model.get(trait);
    range.setAttribute("aria-valuetext", text);
    shown.textContent = text;
  };
  return { row: h("div", { class: "tlk-dial-slider" }, h("span", {}, name), shown, range), update };
}

// A bar from the middle: to the right a loss falls, to the left it rises; full width is its pace alone.
function bar(name, color) {
  const fill = h("span", { class: `tlk-dial-fill tlk-dial-${color}` });
  const text = h("span", {});
  const row = h(
    "div",
    { class: "tlk-dial-bar" },
    h("strong", {}, name),
    text,
    h("span", { class: "tlk-dial-track" }, fill),
  );
  const update = (pace) => {
    text.textContent = sayPace(pace);
    const share = clampTo(pace, -1, 1);
    fill.style.left = `${share < 0 ? 50 + 50 * share : 50}%`;
    fill.style.width = `${50 * Math.abs(share)}%`;
  };
  return { row, update };
}

// One button for each measured task, which sets the dial to it.
function measuredButtons(model) {
  return Object.entries(model.get("measured")).map(([task, values], k) => {
    const gain = `${values.gain < 0 ? "−" : "+"}${Math.abs(values.gain).toFixed(1)} points`;
    const button = h("button", { type: "button" }, marker(k + 2), ` ${task}: ${Math.round(values.angle)}°, ${gain}`);
    button.addEventListener("click", () => put(model, { angle: values.angle, length: values.length, weight: 1 }));
    return button;
  });
}

// Drag the tip of the second arrow.
function letDrag(model, svg) {
  const follow = (event) => {
    const box = svg.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    put(model, arrowTo(x * WIDTH, y * HEIGHT));
  };
  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    follow(event);
  });
  svg.addEventListener("pointermove", (event) => {
    if (svg.hasPointerCapture(event.pointerId)) {
      follow(event);
    }
  });
}

function render({ model, el }) {
  startView(el, "tlk-dial");
  const svg = h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true", class: "tlk-dial-stage" });
  letDrag(model, svg);
  const sliders = [
    slider(model, "angle", "Angle", [0, 180, 1], (value) => `${Math.round(value)}°`),
    slider(model, "length", "Length of the second gradient", [SHORTEST, LONGEST, 0.05], (value) => value.toFixed(2)),
    slider(model, "weight", "Weight of the second loss", [SHORTEST, LONGEST, 0.05], (value) => value.toFixed(2)),
  ];
  const name = model.get("first");
  const bars = [bar(name, "one"), bar("second task", "two")];
  const verdict = h("strong", {});
  const back = h("button", { type: "button" }, "Put the dial back");
  back.addEventListener("click", () => put(model, model.get("_start")));
  const draw = drawLater(() => drawDial(model, svg));
  const update = () => {
    const paces = pacesOf(model.get("angle"), model.get("length"), model.get("weight"));
    for (const [k, each] of bars.entries()) {
      each.update(paces[k]);
    }
    verdict.textContent = sayWhoPays(paces, name);
    for (const each of sliders) {
      each.update();
    }
    draw.ask();
  };
  onChange(model, ["angle", "length", "weight"], update);
  const readings = h("div", { class: "tlk-dial-readings", role: "status" }, verdict, ...bars.map(({ row }) => row));
  const side = h("div", { class: "tlk-dial-side" }, ...sliders.map(({ row }) => row), readings, back);
  const legend = h(
    "div",
    { class: "tlk-row tlk-soft" },
    h("span", { class: "tlk-dial-key-one" }, name),
    h("span", { class: "tlk-dial-key-two" }, "second task"),
    h("span", { class: "tlk-dial-key-step" }, "the shared step"),
    "shaded: both losses fall",
  );
  const buttons = measuredButtons(model);
  const measured = buttons.length ? [h("div", { class: "tlk-row tlk-dial-measured" }, "Measured: ", ...buttons)] : [];
  el.append(
    h("div", { class: "tlk-dial-parts" }, h("div", { class: "tlk-dial-main" }, svg, legend), side),
    ...measured,
  );
  update();
  return () => draw.cancel();
}
export default { render };
