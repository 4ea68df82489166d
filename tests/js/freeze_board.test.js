import widget, { bytes, cutOf, describe, prefix, ranged } from "/widgets/freeze_board.js";
import { equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const block = (name, values = {}) => ({ name, label: name, num_layers: 3, num_parameters: 1000, num_bn: 1, shape: "4 × 4 × 8", cut: true, merges: { add: 1 }, layers: [[`${name}_conv`, "Conv2D", 1000]], ...values });
const BLOCKS = [block("stem"), block("one"), block("two", { cut: false, merges: { concat: 2 } }), block("head", { num_bn: 0, merges: {} })];
const FACTS = { num_learning: 1234, num_frozen: 8766, num_images: 40, share: 0.87, bytes: 1_560_000, seconds: null, flags: ["1", "1", "0", "1"], bn_learning: [0, 0, 1, 0], warnings: ["The rate is high."] };

function model(values = {}) {
  return fakeModel({
    _name: "small", blocks: BLOCKS, states: Array(4).fill("learning"), bn: "frozen", factors: {}, moved: [], runs: [], busy: false, learning_rate: 0.001, epochs: 5, fresh: true,
    curves: null, _facts: FACTS, _code: "model.fit()", _error: "", _can_train: true, ...values,
  });
}
const open = (values) => {
  const m = model(values), mounted = mount(widget, m), { el } = mounted;
  el.style.width = "600px";
  return { m, el, tiles: [...el.querySelectorAll(".tlk-board-tile")], line: el.querySelector("[role=slider]"), end: () => mounted.end?.() };
};
const button = (el, text) => [...el.querySelectorAll("button")].find((b) => b.textContent === text);
const press = (target, x, type) => target.dispatchEvent(new PointerEvent(type, { clientX: x, pointerId: 1, bubbles: true, cancelable: true }));

test("a cut is a frozen start with all else learning", () => {
  equal([["frozen", "learning"], ["learning", "learning"], ["frozen", "frozen"], ["learning", "frozen"], ["frozen", "partly"]].map(cutOf), [1, 0, 2, -1, -1]);
  equal(prefix(3, 1), ["frozen", "learning", "learning"]);
  equal(ranged(["a", "a", "a", "a"], 2, 1, "b"), ["a", "b", "b", "a"]);
});

test("a tile says all that is drawn", () => {
  equal(describe(BLOCKS[2], "partly", 1), "two: partly frozen, 3 layers, 1,000 parameters, 1 of 1 BatchNorm learn, merges by 2 concat, output 4 × 4 × 8, several tensors go on from here");
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
  const escaped = keysThatEscape(() => { tiles[0].focus(); key(tiles[0], "ArrowRight"); key(document.activeElement, "End"); key(document.activeElement, "ArrowLeft"); key(document.activeElement, "f"); key(document.activeElement, "x"); });
  equal(escaped, []);
  equal(document.activeElement, tiles[2]);
  equal(m.state.states, ["frozen", "frozen", "frozen", "learning"]);
  equal(tiles.map((tile) => tile.tabIndex), [-1, -1, 0, -1]);
});

test("the line: keys, dragging, and its words", () => {
  const { m, el, line, tiles } = open();
  key(line, "ArrowRight");
  key(line, "ArrowRight");
  equal([cutOf(m.state.states), line.getAttribute("aria-valuetext"), line.getAttribute("aria-valuenow")], [2, "one, 2 of 4 blocks", "2"]);
  key(line, "End");
  equal(cutOf(m.state.states), 4);
  line.setPointerCapture = () => {};
  line.hasPointerCapture = () => true;
  press(line, 0, "pointerdown");
  press(line, tiles[1].getBoundingClientRect().right, "pointermove");
  equal(cutOf(m.state.states), 2);
  m.set("states", ["learning", "frozen", "learning", "learning"]);
  equal(line.getAttribute("aria-valuetext"), "own pattern");
  equal(el.querySelector(".tlk-board-title").textContent, "small: own pattern");
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

test("what Python says is shown: counts, cost, warnings, code", () => {
  const { m, el } = open();
  const text = el.querySelector(".tlk-board-facts").textContent;
  for (const part of ["1,234 parameters (12 %)", "87 % of the multiply-adds", "1.56 MB of features for 40 images", "not measured yet"]) equal(text.includes(part), true, part);
  equal([...el.querySelectorAll(".tlk-board-warnings li")].map((li) => li.textContent), ["The rate is high."]);
  m.set("_facts", { ...FACTS, warnings: [], seconds: 2.345 });
  equal(el.querySelector(".tlk-board-facts").textContent.includes("2.3 s here (measured)"), true);
  equal(el.querySelectorAll(".tlk-board-warnings li").length, 0);
  equal(el.querySelector("pre").textContent, "model.fit()");
});

test("layers and the factor of the block that has the focus", async () => {
  const { m, el, tiles } = open(), details = el.querySelector("details");
  tiles[2].focus();
  details.open = true;
  await new Promise((done) => details.addEventListener("toggle", done, { once: true }));
  equal([...details.querySelectorAll("td")].map((td) => td.textContent), ["two_conv", "Conv2D", "1,000", "frozen"]);
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
  equal([button(el, "Train").disabled, button(el, "All learn").disabled, button(el, "Stop").disabled], [true, true, false]);
  button(el, "Stop").click();
  equal(m.sent.at(-1), { kind: "stop" });
  m.set("busy", false);
  m.set("_error", "ValueError: no");
  equal(el.querySelector("[role=alert]").textContent, "ValueError: no");
});

test("runs are compared, and what moved is a bar and words", () => {
  const { m, el, tiles } = open();
  equal(el.querySelector(".tlk-board-runs").hidden, true);
  m.set("runs", [{ name: "head only", num_learning: 12, epochs: 5, ended: "finished", seconds: 3.21, best: { metric: "val_accuracy", epoch: 4, value: 0.875 } }]);
  m.set("moved", [0, 0, 0.01, 0.04]);
  equal([...el.querySelectorAll(".tlk-board-runs tbody tr > *")].map((cell) => cell.textContent), ["head only", "12", "5, finished", "3.2", "val accuracy 88 % in epoch 4"]);
  equal(tiles.map((tile) => tile.querySelector(".tlk-board-moved").style.height), ["0px", "0px", "15px", "30px"]);
  equal(tiles[3].getAttribute("aria-label").includes("moved by 4.0 %"), true);
  m.set("moved", [0, 0, 0.01, null]);
  equal(tiles[3].getAttribute("aria-label").includes("diverged"), true);
});

test("without data there is no Train, and nothing to learn cannot be trained", () => {
  equal(open({ _can_train: false }).el.querySelector(".tlk-board-train").hidden, true);
  equal(button(open({ _facts: { ...FACTS, num_learning: 0 } }).el, "Train").disabled, true);
});
