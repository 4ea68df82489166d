import widget, { precision, recall } from "../../widgets/tlkit_widgets/confusion.js";
import { bytes, equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const MATRIX = [
  [3, 1, 0],
  [0, 2, 0],
  [0, 0, 0],
];
const open = () => {
  const m = fakeModel({
    matrix: MATRIX,
    class_names: ["cat", "dog", "owl"],
    selected: [],
    shares: false,
    _cells: { "0,0": [0, 1, 2], "0,1": [3], "1,1": [4, 5] },
    _sprite: bytes(new Uint8Array(4)),
    _columns: 3,
    _thumb: 8,
  });
  const { el, end } = mount(widget, m);
  return { m, el, end, cells: [...el.querySelectorAll(".tlk-confusion-cell")] };
};

test("recall, precision, and classes without images", () => {
  equal(
    [0, 1, 2].map((k) => recall(MATRIX, k)),
    [0.75, 1, null],
  );
  equal(
    [0, 1, 2].map((k) => precision(MATRIX, k)),
    [1, 2 / 3, null],
  );
});

test("a click shows the images of the cell", () => {
  const { m, el, cells, end } = open();
  cells[1].click();
  equal(m.state.selected, [0, 1]);
  equal(el.querySelector(".tlk-confusion-images p").textContent, "cat mistaken for dog: 1 image");
  equal(el.querySelectorAll(".tlk-tile").length, 1);
  equal(cells[1].getAttribute("aria-pressed"), "true");
  equal(cells[1].getAttribute("aria-label"), "true cat, predicted dog: 1 image");
  end();
});

test("keys move over the grid, stay inside it, and Escape clears", () => {
  const { m, cells, end } = open();
  equal(
    keysThatEscape(() => {
      cells[0].focus();
      key(cells[0], "ArrowDown");
      key(document.activeElement, "ArrowRight");
      key(document.activeElement, "ArrowUp");
      key(document.activeElement, "ArrowUp");
    }),
    [],
  );
  equal(document.activeElement, cells[1]);
  equal(cells.filter((cell) => cell.tabIndex === 0).length, 1);
  m.set("selected", [0, 0]);
  key(cells[1], "Escape");
  equal(m.state.selected, []);
  end();
});

test("shares of the true class", () => {
  const { m, el, cells, end } = open();
  equal(
    cells.slice(0, 3).map((cell) => cell.textContent),
    ["3", "1", "·"],
  );
  el.querySelector("input").click();
  equal([m.state.shares, cells[0].textContent, cells[1].textContent], [true, "75 %", "25 %"]);
  end();
});
