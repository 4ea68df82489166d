import widget from "../../widgets/tlkit_widgets/moons_board.js";
import { equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const open = () => {
  const grid = (upper, lower) => [upper, upper, lower, lower];
  const m = fakeModel({
    angles: [0, 90],
    strengths: [0, 0.3],
    angle: 0,
    strength: 0,
    opened: false,
    source_accuracies: [
      [1, 0.98],
      [1, 0.9],
    ],
    target_accuracies: [
      [1, 0.97],
      [0.2, 0.3],
    ],
    told_apart: [
      [0.5, 0.5],
      [0.6, 0.55],
    ],
    _resolution: 2,
    _reach: 2,
    _grids: new DataView(new Uint8Array([...grid(0, 255), ...grid(0, 255), ...grid(255, 0), ...grid(255, 0)]).buffer),
    _source: [[0, 1, 0]],
    _targets: [[[1, 0, 1]], [[0, 1, 1]]],
  });
  const { el, end } = mount(widget, m);
  return { m, el, end, dials: [...el.querySelectorAll("input[type=range]")] };
};

test("a dial moves its trait and says its number", () => {
  const { m, el, dials, end } = open();
  dials[1].value = 1;
  dials[1].dispatchEvent(new Event("input"));
  equal(m.state.strength, 1);
  equal(el.querySelectorAll("output")[1].textContent, "0.3");
  m.set("angle", 1);
  equal(dials[0].getAttribute("aria-valuetext"), "90°");
  equal(el.querySelectorAll("dd")[1].textContent, "55 %");
  end();
});

test("the target's accuracy stays in the vault until it is opened", () => {
  const { m, el, end } = open();
  m.set("angle", 1);
  equal(el.querySelectorAll("dd")[2].textContent, "in the vault");
  el.querySelector("button").click();
  equal(m.state.opened, true);
  equal(el.querySelectorAll("dd")[2].textContent, "20 %");
  equal(el.querySelector("button").textContent, "Close the vault");
  end();
});

test("keys stay inside the board", () => {
  const { dials, end } = open();
  equal(
    keysThatEscape(() => {
      dials[0].focus();
      key(dials[0], "ArrowRight");
    }),
    [],
  );
  end();
});
