import { bytes, seconds } from "../../widgets/tlkit_widgets/freeze_board/amounts.js";
import { csv, winner } from "../../widgets/tlkit_widgets/freeze_board/comparison.js";
import { describe, glyph, lines, stages } from "../../widgets/tlkit_widgets/freeze_board/drawing.js";
import { cutOf, prefix, ranged } from "../../widgets/tlkit_widgets/freeze_board/states.js";
import { saysHow } from "../../widgets/tlkit_widgets/freeze_board/trainer.js";
import widget from "../../widgets/tlkit_widgets/freeze_board/widget.js";
import { equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const block = (name, values = {}) => ({
  name,
  label: name,
  num_layers: 3,
  num_parameters: 1000,
  num_bn: 1,
  shape: "4 × 4 × 8",
  cut: true,
  merges: { add: 1 },
  branches: 1,
  random: false,
  layers: [[`${name}_conv`, "Conv2D", 1000]],
  ...values,
});
const BLOCKS = [
  block("stem"),
  block("one"),
  block("two", { cut: false, merges: { concat: 2 }, branches: 4 }),
  block("head", { num_bn: 0, merges: {} }),
];
const FACTS = {
  num_learning: 1234,
  num_frozen: 8766,
  num_images: 40,
  share: 0.87,
  bytes: 1_560_000,
  num_kept: 1,
  kept_after: "one",
  cost: null,
  whole_seconds: null,
  flags: ["1", "1", "0", "1"],
  bn_learning: [0, 0, 1, 0],
  warnings: ["The rate is high."],
};

function model(values = {}) {
  return fakeModel({
    _name: "small",
    blocks: BLOCKS,
    states: Array(4).fill("learning"),
    bn: "frozen",
    factors: {},
    moved: [],
    runs: [],
    busy: false,
    learning_rate: 0.001,
    epochs: 5,
    fresh: true,
    curves: null,
    _facts: FACTS,
    _code: "model.fit()",
    _error: "",
    _can_train: true,
    ...values,
  });
}
const open = (values) => {
  const m = model(values);
  const mounted = mount(widget, m);
  const { el } = mounted;
  el.style.width = "600px";
  return {
    m,
    el,
    tiles: [...el.querySelectorAll(".tlk-board-tile")],
    line: el.querySelector("[role=slider]"),
    end: () => mounted.end?.(),
  };
};
const button = (el, text) => [...el.querySelectorAll("button")].find((b) => b.textContent === text);
const RUN = {
  name: "head only, rate 0.001, 20 per class",
  cut: "head only",
  learning_rate: 0.001,
  images_per_class: "20",
  num_learning: 12,
  epochs: 5,
  ended: "finished",
  seconds: 3.21,
  epoch_seconds: 0.0314,
  best: { metric: "val_accuracy", epoch: 4, value: 0.875 },
};
const press = (target, x, type) =>
  target.dispatchEvent(new PointerEvent(type, { clientX: x, pointerId: 1, bubbles: true, cancelable: true }));

test("a cut is a frozen start with all else learning", () => {
  equal(
    [
      ["frozen", "learning"],
      ["learning", "learning"],
      ["frozen", "frozen"],
      ["learning", "frozen"],
      ["frozen", "partly"],
    ].map(cutOf),
    [1, 0, 2, -1, -1],
  );
  equal(prefix(3, 1), ["frozen", "learning", "learning"]);
  equal(ranged(["a", "a", "a", "a"], 2, 1, "b"), ["a", "b", "b", "a"]);
});

test("a tile says all that is drawn", () => {
  equal(
    describe(BLOCKS[2], "partly", 1),
    "two: partly frozen, 3 layers, 1,000 parameters, 1 of 1 BatchNorm learn, merges by 2 concat of 4 branches, output 4 × 4 × 8, several tensors lead on from here",
  );
  equal([bytes(12), bytes(1_560_000), bytes(0)], ["12 B", "1.56 MB", "0 B"]);
});

test("a click sets one block, shift sets a range", () => {
  const { m, tiles } = open();
  tiles[1].click();
  equal([m.state.states, m.saves], [["learning", "frozen", "learning", "learning"], 1]);
  equal([tiles[1].getAttribute("aria-pressed"), tiles[1].dataset.state], ["true", "frozen"]);
  tiles[3].dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true }));
  equal(m.state.states, ["learning", "frozen", "frozen", "frozen"]);
});

test("keys: arrows move, F freezes up to here, nothing reaches the notebook", () => {
  const { m, tiles } = open();
  const escaped = keysThatEscape(() => {
    tiles[0].focus();
    key(tiles[0], "ArrowRight");
    key(document.activeElement, "End");
    key(document.activeElement, "ArrowLeft");
    key(document.activeElement, "f");
    key(document.activeElement, "x");
  });
  equal(escaped, []);
  equal(document.activeElement, tiles[2]);
  equal(m.state.states, ["frozen", "frozen", "frozen", "learning"]);
  equal(
    tiles.map((tile) => tile.tabIndex),
    [-1, -1, 0, -1],
  );
});

test("the line: keys, dragging, and its words", () => {
  const { m, el, line, tiles } = open();
  key(line, "ArrowRight");
  key(line, "ArrowRight");
  equal(
    [cutOf(m.state.states), line.getAttribute("aria-valuetext"), line.getAttribute("aria-valuenow")],
    [2, "one, 2 of 4 blocks", "2"],
  );
  key(line, "End");
  equal(cutOf(m.state.states), 4);
  line.setPointerCapture = () => {};
  line.hasPointerCapture = () => true;
  press(line, 0, "pointerdown");
  press(line, tiles[1].getBoundingClientRect().right, "pointermove");
  equal(cutOf(m.state.states), 2);
  m.set("states", ["learning", "frozen", "learning", "learning"]);
  equal(line.getAttribute("aria-valuetext"), "own pattern");
  equal(el.querySelector(".tlk-board-title").textContent, "Own pattern");
});

test("presets", () => {
  const { m, el } = open();
  button(el, "Head only").click();
  equal(m.state.states, ["frozen", "frozen", "frozen", "learning"]);
  button(el, "All frozen").click();
  equal(cutOf(m.state.states), 4);
  button(el, "Last half").click();
  equal(cutOf(m.state.states), 2);
});

test("names stand upright in short lines", () => {
  equal(
    [
      lines("block 10"),
      lines("conv4.10-12"),
      lines("cell_reduce_4"),
      lines("separable12"),
      lines("block1a"),
      lines("head"),
    ],
    [["block", "10"], ["conv4", "10-12"], ["cell", "reduce", "4"], ["separable", "12"], ["block", "1a"], ["head"]],
  );
});

test("stages are runs of maps of one size", () => {
  const shapes = ["48 × 48 × 16", "24 × 24 × 16", "24 × 24 × 32", "24 × 12 × 32", "13"].map((shape) => ({ shape }));
  equal(
    stages(shapes).map(({ from, to, text }) => [from, to, text]),
    [
      [0, 0, "48²"],
      [1, 2, "24²"],
      [3, 3, "24×12"],
      [4, 4, "13"],
    ],
  );
});

test("a glyph has one strand for each branch", () => {
  const strands = (block) =>
    glyph(block)
      .querySelector("path")
      .getAttribute("d")
      .match(/M1 10C/g)?.length ?? 0;
  equal(
    [
      strands({ merges: { concat: 1 }, branches: 4 }),
      strands({ merges: { concat: 3 }, branches: 2 }),
      strands({ merges: { add: 1 }, branches: 1 }),
    ],
    [4, 2, 0],
  );
});

test("what Python says is shown: counts, cost, warnings, code", () => {
  const { m, el } = open();
  const text = el.querySelector(".tlk-board-facts").textContent;
  for (const part of [
    "1,234",
    "12 %; 8,766 are frozen",
    "87 %",
    "kept after one",
    "1.56 MB",
    "features of 40 images",
    "not measured",
  ]) {
    equal(text.includes(part), true, part);
  }
  button(el, "Measure").click();
  equal(m.sent, [{ kind: "measure" }]);
  equal(el.querySelector(".tlk-board-kept").style.gridColumn, "1 / 2");
  equal(
    [...el.querySelectorAll(".tlk-board-warnings li")].map((li) => li.textContent),
    ["The rate is high."],
  );
  m.set("_facts", { ...FACTS, warnings: [], cost: { seconds: 2.345, pass_seconds: 0.5 }, whole_seconds: 4.69 });
  for (const part of [
    "2.3 s",
    "measured, and once 500 ms for the frozen part; 2 times as fast as when everything learns",
  ]) {
    equal(el.querySelector(".tlk-board-facts").textContent.includes(part), true, part);
  }
  m.set("_facts", { ...FACTS, warnings: [], share: 0, kept_after: "", num_kept: 0 });
  equal(
    [el.querySelector(".tlk-board-facts").textContent.includes("nothing"), el.querySelector(".tlk-board-kept").hidden],
    [true, true],
  );
  equal(el.querySelectorAll(".tlk-board-warnings li").length, 0);
  equal(el.querySelector("pre").textContent, "model.fit()");
});

test("layers and the factor of the block that has the focus", async () => {
  const { m, el, tiles } = open();
  const details = el.querySelector("details");
  tiles[2].focus();
  details.open = true;
  await new Promise((done) => details.addEventListener("toggle", done, { once: true }));
  equal(
    [...details.querySelectorAll("td")].map((td) => td.textContent),
    ["two_conv", "Conv2D", "1,000", "frozen"],
  );
  const factor = details.querySelector("select");
  factor.value = "0.1";
  factor.dispatchEvent(new Event("change"));
  equal(m.state.factors, { two: 0.1 });
  equal(tiles[2].getAttribute("aria-label").endsWith("rate × 0.1"), true);
});

test("training locks the board, and Stop and errors are heard", () => {
  const { m, el, tiles, line } = open();
  button(el, "Train").click();
  equal(m.sent, [{ kind: "train" }]);
  m.set("busy", true);
  tiles[0].click();
  key(line, "End");
  equal(m.state.states, Array(4).fill("learning"));
  equal(
    [button(el, "Train").disabled, button(el, "All learn").disabled, button(el, "Stop").disabled],
    [true, true, false],
  );
  button(el, "Stop").click();
  equal(m.sent.at(-1), { kind: "stop" });
  m.set("busy", false);
  m.set("_error", "ValueError: no");
  equal(el.querySelector("[role=alert]").textContent, "ValueError: no");
});

test("what moved is a bar and words", () => {
  const { m, tiles } = open();
  m.set("moved", [0, 0, 0.01, 0.04]);
  equal(
    tiles.map((tile) => tile.querySelector(".tlk-board-moved").style.height),
    ["0px", "0px", "15px", "30px"],
  );
  equal(tiles[3].getAttribute("aria-label").includes("moved by 4.0 %"), true);
  m.set("moved", [0, 0, 0.01, null]);
  equal(tiles[3].getAttribute("aria-label").includes("diverged"), true);
});

test("keys are kept from an application that hears them before the page does, but for its commands", () => {
  const { el } = open();
  const tile = el.querySelector(".tlk-board-tile");
  const kept = (name, options) => {
    key(tile, name, options);
    return tile.hasAttribute("data-lm-suppress-shortcuts");
  };
  tile.focus();
  equal(
    [kept("x"), kept("s", { ctrlKey: true }), kept("ArrowLeft"), kept("Enter", { shiftKey: true })],
    [true, false, true, false],
  );
  tile.blur();
  tile.removeAttribute("data-lm-suppress-shortcuts");
  equal(kept("x"), false, "nothing listens once the focus is elsewhere");
});

test("Compare shows the runs, opens by itself with the second one, and names the best", () => {
  const { m, el } = open();
  const compare = button(el, "Compare");
  const panel = el.querySelector(".tlk-board-compare");
  equal([panel.hidden, compare.disabled], [true, true]);
  m.set("runs", [RUN]);
  equal([panel.hidden, compare.disabled], [true, false]);
  compare.click();
  equal([panel.hidden, compare.getAttribute("aria-expanded")], [false, "true"]);
  equal(
    [...el.querySelectorAll(".tlk-board-runs tbody tr > *")].map((cell) => cell.textContent),
    [" 1", "head only", "0.001", "20", "12", "5, finished", "31 ms", "val accuracy 87.5 % in epoch 4"],
  );
  compare.click();
  m.set("runs", [RUN, { ...RUN, best: { ...RUN.best, value: 0.9 } }]);
  equal([panel.hidden, el.querySelector(".tlk-board-best").closest("tr").firstChild.textContent], [false, " 2 best"]);
});

test("runs as a table for elsewhere", () => {
  equal(
    csv([RUN, { ...RUN, name: "b", best: null, epoch_seconds: null }])
      .split("\n")
      .slice(1),
    [
      '"head only, rate 0.001, 20 per class",head only,0.001,20,12,5,finished,0.0314,3.21,val_accuracy,0.875,4',
      "b,head only,0.001,20,12,5,finished,,3.21,,,",
    ],
  );
  equal([winner([RUN]), winner([RUN, { ...RUN, best: null }]), winner([{ ...RUN, best: null }, RUN])], [-1, 0, 1]);
  equal([0.0001, 0.0314, 2.345, 42.2, 200].map(seconds), ["< 1 ms", "31 ms", "2.3 s", "42 s", "3.3 min"]);
});

test("why the frozen part was run again and again is said", () => {
  equal([saysHow(undefined), saysHow({ gear: "kept", why: "x" })], ["", ""]);
  const plain = { ...RUN, gear: "plain", why: "nothing to keep" };
  const { el } = open({ runs: [plain] });
  equal(el.querySelector(".tlk-board-how").textContent, "The last run was plain model.fit: nothing to keep.");
  equal(open({ runs: [plain], busy: true }).el.querySelector(".tlk-board-how").textContent, "");
});

test("the best run is the one of the lowest loss, and none where two were measured differently", () => {
  const of = (metric, value) => ({ best: { metric, value, epoch: 1, small_is_good: metric === "loss" } });
  equal(winner([of("loss", 0.5), of("loss", 0.2), { best: null }]), 1);
  equal(winner([of("accuracy", 0.5), of("accuracy", 0.2)]), 0);
  equal(winner([of("accuracy", 0.5), of("loss", 0.2)]), -1);
});

test("without data there is no Train, and nothing to learn cannot be trained", () => {
  equal(open({ _can_train: false }).el.querySelector(".tlk-board-train").hidden, true);
  equal(button(open({ _facts: { ...FACTS, num_learning: 0 } }).el, "Train").disabled, true);
});
