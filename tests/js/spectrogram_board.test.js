import widget, { cellsBetween, colorOfLevel, sayGuesses } from "../../widgets/tlkit_widgets/spectrogram_board.js";
import { bytes, equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const WAVE = bytes(new Uint8Array(44));
const open = (covered = []) => {
  const m = fakeModel({
    covered,
    guesses: [["six", 0.8]],
    _first_guesses: [
      ["six", 0.9],
      ["two", 0.05],
    ],
    _grid: [2, 4],
    _span: [0.8, 4000],
    _levels: bytes(Uint8Array.from([0, 128, 255, 0, 0, 0])),
    _size: [2, 3],
    _whole_wave: WAVE,
    _left_wave: WAVE,
  });
  const { el, end } = mount(widget, m);
  return { m, el, end, cells: [...el.querySelectorAll(".tlk-spectrogram-cell")] };
};

// A pointer over the middle of a cell of the grid of 2 x 4.
function point(stage, type, [row, column]) {
  const box = stage.getBoundingClientRect();
  const place = {
    clientX: box.left + (box.width * (column + 0.5)) / 4,
    clientY: box.top + (box.height * (row + 0.5)) / 2,
  };
  stage.dispatchEvent(new PointerEvent(type, { pointerId: 1, bubbles: true, ...place }));
}

test("silence is black, and the loudest is nearly white", () => {
  equal(colorOfLevel(0), [0, 0, 4]);
  equal(colorOfLevel(255), [252, 253, 191]);
});

test("a quick pointer skips no cell", () => {
  equal(cellsBetween([0, 0], [0, 3]), [
    [0, 0],
    [0, 1],
    [0, 2],
    [0, 3],
  ]);
  equal(cellsBetween([1, 1], [1, 1]).at(-1), [1, 1]);
});

test("guesses are said, and silence, too", () => {
  equal(sayGuesses([["six", 0.804]]), "six 80 %");
  equal(sayGuesses([]), "nothing");
});

test("arrow keys walk, a pressed cell is covered, and the page is left alone", () => {
  const { m, cells, end } = open();
  equal(
    keysThatEscape(() => {
      cells[0].focus();
      key(cells[0], "ArrowRight");
      key(cells[1], "ArrowDown");
      key(cells[5], "ArrowDown");
    }),
    [],
  );
  equal(document.activeElement, cells[5]);
  equal(cells[5].getAttribute("aria-label"), "0.20 to 0.40 seconds, 0 to 2000 Hz");
  cells[5].click();
  equal(m.state.covered, [5]);
  equal(cells[5].getAttribute("aria-pressed"), "true");
  cells[5].click();
  equal(m.state.covered, []);
  end();
});

test("the pointer covers a stroke and tells it once; begun on a covered cell, it uncovers", () => {
  const { m, el, end } = open();
  const stage = el.querySelector(".tlk-spectrogram-stage");
  stage.setPointerCapture = () => {};
  point(stage, "pointerdown", [0, 0]);
  point(stage, "pointermove", [0, 3]);
  equal(m.saves, 0);
  point(stage, "pointerup", [0, 3]);
  equal([m.state.covered, m.saves], [[0, 1, 2, 3], 1]);
  point(stage, "pointermove", [1, 3]);
  point(stage, "pointerdown", [0, 1]);
  point(stage, "pointermove", [0, 2]);
  point(stage, "pointerup", [0, 2]);
  equal(m.state.covered, [0, 3]);
  end();
});

test("it says how much is covered and what is heard, and uncovers all", () => {
  const { m, el, end } = open([1, 2]);
  const heard = el.querySelector(".tlk-spectrogram-heard");
  equal(heard.textContent, "25 % covered. The listener hears: six 80 %");
  m.set("guesses", []);
  equal(heard.textContent, "25 % covered. The listener hears: nothing");
  [...el.querySelectorAll("button")].find((button) => button.textContent === "Uncover all").click();
  equal(m.state.covered, []);
  equal(heard.textContent, "0 % covered. The listener hears: nothing");
  end();
});
