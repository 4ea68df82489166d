import widget from "../../widgets/tlkit_widgets/gain_map.js";
import { equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const open = () => {
  const m = fakeModel({
    sources: ["glyphs", "colours"],
    budgets: [1, 10],
    num_seeds: 2,
    draw: 0,
    selected: [],
    _drawn: [0, 1],
    verdicts: [
      ["positive", "undecided"],
      ["negative", "negative"],
    ],
    _means: [
      [17, -0.4],
      [-26.5, -29],
    ],
    _texts: [
      ["a", "b"],
      ["c", "d"],
    ],
    _runs: [
      [
        [15, 19, 4],
        [-1, 0.2, 0],
      ],
      [
        [-26, -27, -30],
        [-29, -29, -29],
      ],
    ],
  });
  const { el, end } = mount(widget, m);
  return { m, el, end, cells: [...el.querySelectorAll(".tlk-gain-cell")] };
};

test("cells say their verdict in a sign, a colour and words", () => {
  const { cells, end } = open();
  equal(
    cells.map((cell) => cell.textContent),
    ["▲ +17.0", "· −0.4", "▼ −26.5", "▼ −29.0"],
  );
  equal(cells[2].dataset.verdict, "negative");
  equal(cells[1].getAttribute("aria-label"), "glyphs, 10 per class: −0.4 points, undecided");
  end();
});

test("a click shows the runs of the cell, those that count framed", () => {
  const { m, el, cells, end } = open();
  cells[2].click();
  equal(m.state.selected, [1, 0]);
  equal(el.querySelector(".tlk-gain-details p").textContent, "colours, 1 per class: c");
  equal(
    [...el.querySelectorAll(".tlk-gain-run")].map((run) => run.textContent),
    ["−26.0", "−27.0", "−30.0"],
  );
  equal(el.querySelectorAll(".tlk-gain-drawn").length, 2);
  end();
});

test("other seeds are asked for, and what turned is counted", () => {
  const { m, el, end } = open();
  el.querySelector("button.tlk-first").click();
  equal(m.state.draw, 1);
  m.set("verdicts", [
    ["positive", "negative"],
    ["negative", "undecided"],
  ]);
  equal(el.querySelector(".tlk-row .tlk-soft").textContent, "2 of 4 cells changed their verdict");
  m.set("num_seeds", 3);
  equal(el.querySelector("button.tlk-first").disabled, true);
  end();
});

test("keys move over the grid and stay inside it", () => {
  const { m, cells, end } = open();
  equal(
    keysThatEscape(() => {
      cells[0].focus();
      key(cells[0], "ArrowDown");
      key(document.activeElement, "ArrowRight");
      key(document.activeElement, "ArrowRight");
    }),
    [],
  );
  equal(document.activeElement, cells[3]);
  m.set("selected", [0, 0]);
  key(cells[3], "Escape");
  equal(m.state.selected, []);
  end();
});
