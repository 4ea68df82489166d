import { nearestPoint, pointBeside } from "../../widgets/tlkit_widgets/feature_map/points.js";
import widget from "../../widgets/tlkit_widgets/feature_map/widget.js";
import { bytes, equal, fakeModel, frame, key, keysThatEscape, mount, test } from "./harness.js";

const AT = [
  [10, 10],
  [50, 10],
  [10, 50],
  [52, 52],
];
const at = (i) => AT[i];

function model() {
  const points = [-1, 0, 1, 0, 0, 1, 0, -1];
  return fakeModel({
    cut: "late",
    source: "trained",
    selected: null,
    cuts: ["early", "late"],
    sources: ["trained", "random"],
    class_names: ["cat", "dog"],
    num_neighbours: 2,
    _labels: bytes(Uint16Array.of(0, 0, 1, 1)),
    _points: bytes(Float32Array.from([points, points, points, points].flat())),
    _neighbours: bytes(Uint16Array.from(Array(4).fill([1, 2, 0, 3, 3, 0, 2, 1]).flat())),
    _agreement: [
      [0.25, 1],
      [0.5, 0.5],
    ],
    _spread: [
      [0.4, 0.6],
      [0.1, 0.2],
    ],
    _widths: [
      [8, 16],
      [8, 16],
    ],
    _chance: 0.33,
    _sprite: bytes(new Uint8Array(4)),
    _columns: 2,
    _thumb: 8,
  });
}

test("the nearest point within reach", () => {
  equal(nearestPoint(4, at, 12, 11, 14), 0);
  equal(nearestPoint(4, at, 30, 30, 14), -1);
});

test("arrows go to the point beside, and stay at the edge", () => {
  equal(pointBeside(4, at, 0, [1, 0]), 1);
  equal(pointBeside(4, at, 0, [0, 1]), 2);
  equal(pointBeside(4, at, 0, [-1, 0]), 0);
});

test("the verdict follows cut and source", () => {
  const m = model();
  const { el, end } = mount(widget, m);
  const verdict = () => el.querySelector(".tlk-map-verdict strong").textContent;
  equal(verdict(), "100 %");
  m.set("cut", "early");
  equal(verdict(), "25 %");
  m.set("source", "random");
  equal(verdict(), "50 %");
  end();
});

test("slider and switch write traits once", () => {
  const m = model();
  const { el, end } = mount(widget, m);
  const slider = el.querySelector("input[type=range]");
  slider.value = 0;
  slider.dispatchEvent(new Event("input"));
  equal([m.state.cut, m.saves], ["early", 1]);
  equal(slider.getAttribute("aria-valuetext"), "early, 1 of 2");
  el.querySelector("input[value=random]").click();
  equal([m.state.source, m.saves], ["random", 2]);
  end();
});

test("Enter selects the point that the keys reached, Escape clears", () => {
  const m = model();
  const { el, end } = mount(widget, m);
  const canvas = el.querySelector("canvas");
  key(canvas, "End");
  equal(key(canvas, "Enter").defaultPrevented, true);
  equal(m.state.selected, 3);
  equal(el.querySelector(".tlk-map-near p").textContent, "1 of 2 nearest neighbours are also dog:");
  equal(el.querySelectorAll(".tlk-map-other").length, 1);
  key(canvas, "Escape");
  equal(m.state.selected, null);
  end();
});

test("plain keys stay, Shift+Enter and Ctrl+S go on to JupyterLab", () => {
  const { el, end } = mount(widget, model());
  const canvas = el.querySelector("canvas");
  equal(
    keysThatEscape(() => {
      key(canvas, "x");
      key(canvas, "ArrowUp");
      key(canvas, "Enter");
    }),
    [],
  );
  equal(
    keysThatEscape(() => {
      key(canvas, "Enter", { shiftKey: true });
      key(canvas, "s", { ctrlKey: true });
    }),
    ["Enter", "s"],
  );
  end();
});

test("draws, and one class can be brought out", async () => {
  const { el, end } = mount(widget, model());
  const canvas = el.querySelector("canvas");
  canvas.style.cssText = "width:400px;height:300px;--tlk-c0:#f00;--tlk-c1:#00f";
  const painted = () =>
    [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data].filter(
      (v, i) => i % 4 === 3 && v > 200,
    ).length;
  await frame();
  const all = painted();
  equal(all > 100, true, "opaque pixels");
  const [cat] = el.querySelectorAll(".tlk-map-class");
  cat.click();
  await frame();
  equal(cat.getAttribute("aria-pressed"), "true");
  equal(painted() < all * 0.7, true, "the other class is faint");
  cat.click();
  equal(cat.getAttribute("aria-pressed"), "false");
  end();
});
