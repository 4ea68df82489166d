import widget, { lineOf, sayKinds } from "../../widgets/tlkit_widgets/box_board.js";
import { moveBox, resizeBox } from "../../widgets/tlkit_widgets/shared/boxes.js";
import { equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const PIXEL = new DataView(new Uint8Array([0xff, 0xd8, 0xff, 0xd9]).buffer);
const COLOURS = { right: 2, double: 4, "wrong class": 3, "loose box": 1, background: 6 };
const open = () => {
  const boxes = [
    [10, 10, 30, 30],
    [40, 40, 60, 70],
    [0, 0, 20, 20],
  ];
  const m = fakeModel({
    boxes,
    _start: boxes,
    threshold: 0.3,
    shown: 0,
    kinds: ["right", "background", "loose box"],
    missed: 1,
    here: [1 / 3, 0.5],
    average: 0.51,
    _curve: [
      [0.5, 1],
      [0.5, 0.5],
    ],
    _scores: [0.9, 0.5, 0.4],
    _names: ["sign", "bird", "sign"],
    _image_of: [0, 0, 1],
    _truths: [[[10, 10, 30, 32, "sign"]], [[0, 0, 40, 40, "sign"]]],
    _side: 96,
    _colours: COLOURS,
    _sprite: PIXEL,
    _columns: 2,
    _thumb: 192,
  });
  const { el, end } = mount(widget, m);
  return { m, el, end, shown: () => [...el.querySelectorAll(".tlk-box")] };
};

test("a box stays inside and keeps its size while it moves", () => {
  equal(moveBox([10, 10, 30, 40], [5, -20], [96, 96]), [15, 0, 35, 30]);
  equal(moveBox([10, 10, 30, 40], [500, 500], [96, 96]), [76, 66, 96, 96]);
  equal(resizeBox([10, 10, 30, 40], [-50, 5], [96, 96]), [10, 10, 11, 45]);
  equal(resizeBox([10, 10, 30, 40], [500, 0], [96, 96]), [10, 10, 96, 40]);
});

test("the curve starts at precision 1, and kinds are counted in order", () => {
  equal(lineOf([[0.5, 0.25]], 100), "0,0 L50,75");
  equal(sayKinds(["double", "", "right", "double"], ["right", "double"]), "1 right, 2 double");
});

test("only boxes that count on the shown scene are there", () => {
  const { m, el, end, shown } = open();
  equal(shown().length, 2);
  equal(el.querySelectorAll(".tlk-box-dashed").length, 1);
  m.set("kinds", ["right", "", "loose box"]);
  equal(shown().length, 1);
  const scene = el.querySelector("select");
  scene.value = "1";
  scene.dispatchEvent(new Event("change"));
  equal(m.state.shown, 1);
  equal(shown()[0].getAttribute("aria-label").startsWith("sign 0.40, loose box"), true);
  end();
});

test("arrow keys move a box, with shift they resize it, and the page sees none of them", () => {
  const { m, end, shown } = open();
  equal(
    keysThatEscape(() => {
      shown()[0].focus();
      key(shown()[0], "ArrowRight");
      key(shown()[0], "ArrowDown");
    }),
    [],
  );
  equal(m.state.boxes[0], [11, 11, 31, 31]);
  shown()[0].dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", shiftKey: true, bubbles: true }));
  equal(m.state.boxes[0], [11, 11, 30, 31]);
  equal(m.state.boxes[1], [40, 40, 60, 70]);
  end();
});

test("the threshold is sent, the status tells it all, and all is put back", () => {
  const { m, el, end, shown } = open();
  const slider = el.querySelector('input[type="range"]');
  slider.value = "0.45";
  slider.dispatchEvent(new Event("input"));
  equal(m.state.threshold, 0.45);
  equal(
    el.querySelector('[role="status"]').textContent,
    "In 2 scenes: 1 right, 0 double, 0 wrong class, 1 loose box, 1 background, 1 missed. " +
      "Precision 0.33, recall 0.50. Average precision over all scores 0.510.",
  );
  key(shown()[0], "ArrowRight");
  [...el.querySelectorAll("button")].find((button) => button.textContent === "Put all back").click();
  equal(m.state.boxes, m.state._start);
  end();
});
