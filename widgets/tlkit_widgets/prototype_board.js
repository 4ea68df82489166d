import { colorOf, drawLater, h, marker, onChange, percent, put, SHAPES, shapeOf, startView } from "./shared/common.js";
import { sprite } from "./shared/sprite.js";

const [WIDTH, HEIGHT, TILE] = [600, 400, 34];
const STEPS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const RULES = { prototype: "nearest prototype", neighbour: "nearest neighbour" };

// The part of a polygon [[x, y], ...] that is nearer to `a` than to `b`.
export function nearerPart(polygon, a, b) {
  const side = ([x, y]) => (b[0] - a[0]) * (x - (a[0] + b[0]) / 2) + (b[1] - a[1]) * (y - (a[1] + b[1]) / 2);
  const part = [];
  for (const [i, here] of polygon.entries()) {
    const next = polygon[(i + 1) % polygon.length];
    const [p, q] = [side(here), side(next)];
    if (p <= 0) {
      part.push(here);
    }
    if (p * q < 0) {
      const share = p / (p - q);
      part.push([here[0] + share * (next[0] - here[0]), here[1] + share * (next[1] - here[1])]);
    }
  }
  return part;
}

// The polygon of the box in which center `k` is the nearest.
export function regionOf(centers, k) {
  let polygon = [
    [0, 0],
    [WIDTH, 0],
    [WIDTH, HEIGHT],
    [0, HEIGHT],
  ];
  for (const [other, center] of centers.entries()) {
    const same = center[0] === centers[k][0] && center[1] === centers[k][1];
    if (other !== k && !same) {
      polygon = nearerPart(polygon, centers[k], center);
    }
  }
  return polygon;
}

// The mean place of each class.
export const meansOf = (places, labels, count) =>
  Array.from({ length: count }, (_class, k) => {
    const own = places.filter((_place, i) => labels[i] === k);
    return [0, 1].map((axis) => own.reduce((sum, place) => sum + place[axis], 0) / own.length);
  });

// Between places of the data and those of the stage, whose second axis points down.
function scaleOf(model) {
  const [left, right, low, high] = model.get("_box");
  const clampTo = (value, from, to) => Math.min(to, Math.max(from, value));
  return {
    toStage: ([x, y]) => [((x - left) / (right - left)) * WIDTH, ((high - y) / (high - low)) * HEIGHT],
    toData: ([x, y]) => [
      left + (clampTo(x, 0, WIDTH) / WIDTH) * (right - left),
      high - (clampTo(y, 0, HEIGHT) / HEIGHT) * (high - low),
    ],
    step: [(right - left) / 60, (high - low) / 40],
    clamp: ([x, y]) => [clampTo(x, left, right), clampTo(y, low, high)],
  };
}

const pathOf = (polygon) => (polygon.length ? `M${polygon.map((place) => place.join(" ")).join("L")}Z` : "");
const shapeAt = ([x, y], k, size, type) =>
  h("path", { d: SHAPES[shapeOf(k)], transform: `translate(${x} ${y}) scale(${size})`, class: type });

// Regions, queries, prototypes, and the threads from each image to its prototype.
function drawPlane(model, svg, toStage) {
  const labels = model.get("_labels");
  const count = model.get("class_names").length;
  const places = model.get("points").map(toStage);
  const means = meansOf(places, labels, count);
  const byMeans = model.get("rule") === "prototype";
  const centers = byMeans ? means : places;
  const owner = (k) => (byMeans ? k : labels[k]);
  const regions = centers.map((_center, k) =>
    h("path", { d: pathOf(regionOf(centers, k)), class: `tlk-proto-region tlk-fill-${colorOf(owner(k))}` }),
  );
  const queries = model.get("_queries").map((place, i) => {
    const k = model.get("_query_labels")[i];
    return shapeAt(toStage(place), k, 3.6, `tlk-proto-query tlk-fill-${colorOf(k)}`);
  });
  const threads = places.map(([x, y], i) => {
    const [mx, my] = means[labels[i]];
    return h("line", { x1: x, y1: y, x2: mx, y2: my, class: `tlk-proto-thread tlk-stroke-${colorOf(labels[i])}` });
  });
  const marks = means.map((place, k) => shapeAt(place, k, 9, `tlk-proto-mean tlk-fill-${colorOf(k)}`));
  svg.replaceChildren(...regions, ...queries, ...(byMeans ? [...threads, ...marks] : []));
}

// The images of the support: buttons that are dragged, or moved by the arrow keys.
function supportTiles(model, pictures, stage, scale) {
  const names = model.get("class_names");
  const labels = model.get("_labels");
  const move = (i, place) => put(model, { points: model.get("points").map((old, j) => (j === i ? place : old)) });
  const makeTile = (label, i) => {
    const tile = h("button", { type: "button", class: `tlk-proto-tile tlk-proto-edge-${colorOf(label)}` });
    const picture = pictures.tile(i, TILE - 6, "");
    picture.setAttribute("aria-hidden", "true"); // the button says what it is
    tile.append(picture);
    tile.addEventListener("pointerdown", (event) => tile.setPointerCapture(event.pointerId));
    tile.addEventListener("pointermove", (event) => {
      if (tile.hasPointerCapture(event.pointerId)) {
        const box = stage.getBoundingClientRect();
        const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
        move(i, scale.toData([x * WIDTH, y * HEIGHT]));
      }
    });
    tile.addEventListener("keydown", (event) => {
      const to = STEPS[event.key];
      if (to) {
        event.preventDefault();
        const [x, y] = model.get("points")[i];
        move(i, scale.clamp([x + to[0] * scale.step[0], y + to[1] * scale.step[1]]));
      }
    });
    return tile;
  };
  const tiles = labels.map(makeTile);
  const update = () => {
    for (const [i, place] of model.get("points").entries()) {
      const [x, y] = scale.toStage(place);
      tiles[i].style.left = `${(100 * x) / WIDTH}%`;
      tiles[i].style.top = `${(100 * y) / HEIGHT}%`;
      const where = `${Math.round((100 * x) / WIDTH)} from the left, ${Math.round((100 * y) / HEIGHT)} from the top`;
      tiles[i].setAttribute("aria-label", `image ${i + 1}, ${names[labels[i]]}: ${where}; arrow keys move it`);
    }
  };
  return { tiles, update };
}

// Which rule draws the borders.
function ruleChoice(model) {
  const select = h("select", { "aria-label": "Rule" });
  select.append(...Object.entries(RULES).map(([value, text]) => h("option", { value }, text)));
  select.addEventListener("change", () => put(model, { rule: select.value }));
  const update = () => {
    select.value = model.get("rule");
  };
  return { select, update };
}

function render({ model, el }) {
  startView(el, "tlk-proto");
  const pictures = sprite(model);
  const scale = scaleOf(model);
  const svg = h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true", preserveAspectRatio: "none" });
  const stage = h("div", { class: "tlk-proto-stage" }, svg);
  const support = supportTiles(model, pictures, stage, scale);
  stage.append(...support.tiles);
  const choice = ruleChoice(model);
  const back = h("button", { type: "button" }, "Put all back");
  back.addEventListener("click", () => put(model, { points: model.get("_start") }));
  const share = h("output", { class: "tlk-proto-share", role: "status" });
  const names = model.get("class_names");
  const legend = names.map((name, k) => h("span", { class: "tlk-proto-name" }, marker(k), ` ${name}`));
  const draw = drawLater(() => drawPlane(model, svg, scale.toStage));
  const update = () => {
    choice.update();
    support.update();
    const asked = model.get("_queries").length;
    share.textContent = `${percent(model.get("accuracy"))} of ${asked} ${asked === 1 ? "query" : "queries"} right`;
    draw.ask();
  };
  onChange(model, ["points", "rule", "accuracy"], update);
  el.append(
    h("div", { class: "tlk-row" }, h("label", {}, "Rule ", choice.select), back, share),
    stage,
    h("div", { class: "tlk-row tlk-soft" }, ...legend, "small: queries; large: prototypes; pictures: the support"),
  );
  update();
  return () => {
    draw.cancel();
    pictures.free();
  };
}
export default { render };
