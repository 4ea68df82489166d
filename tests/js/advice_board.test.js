import widget, { nested } from "../../widgets/tlkit_widgets/advice_board.js";
import { equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const row = (text, depth, branch, lesson, onPath) => ({ text, depth, branch, lesson, on_path: onPath });
const ROWS = [
  row("labels?", 0, "", null, true),
  row("few?", 1, "yes", null, true),
  row("means", 2, "yes", 7, true),
  row("probe", 2, "no", 1, false),
  row("adapt", 1, "no", 6, false),
];
const open = () => {
  const m = fakeModel({
    labels: 2,
    source_labels: false,
    similarity: "far",
    hardware: "cpu",
    _similarities: ["alike", "far"],
    _hardware: ["cpu", "gpu"],
    _rows: ROWS,
    _advice: { way: "means", reason: "Few.", lesson: 7, setting: "inductive" },
  });
  return { m, ...mount(widget, m) };
};

test("rows become a tree", () => {
  const [root] = nested(ROWS).items;
  equal(root.row.text, "labels?");
  equal(
    root.below.map(({ row: { text }, below }) => [text, below.map((each) => each.row.text)]),
    [
      ["few?", ["means", "probe"]],
      ["adapt", []],
    ],
  );
});

test("the path and the answer are shown", () => {
  const { el, end } = open();
  const taken = [...el.querySelectorAll("li[aria-current] > .tlk-advice-row")].map((each) => each.textContent);
  equal(taken, ["labels?", "yes few?", "yes meanslesson 7"]);
  equal(el.querySelector("[role=status]").textContent, "means (inductive). Few. Lesson 7 tests it.");
  end();
});

test("what is given is set by the controls", () => {
  const { m, el, end } = open();
  const [number, box] = el.querySelectorAll("input");
  number.value = "30";
  number.dispatchEvent(new Event("input"));
  equal(m.get("labels"), 30);
  for (const wrong of ["-1", "2.5", ""]) {
    number.value = wrong;
    number.dispatchEvent(new Event("input"));
  }
  equal(m.get("labels"), 30);
  box.click();
  equal(m.get("source_labels"), true);
  const [similarity, hardware] = el.querySelectorAll("select");
  similarity.value = "alike";
  similarity.dispatchEvent(new Event("change"));
  hardware.value = "gpu";
  hardware.dispatchEvent(new Event("change"));
  equal([m.get("similarity"), m.get("hardware")], ["alike", "gpu"]);
  end();
});

test("no key leaves the widget for the notebook", () => {
  const { el, end } = open();
  const fields = [...el.querySelectorAll("input, select")];
  equal(
    keysThatEscape(() => {
      for (const field of fields) {
        key(field, "a");
      }
    }),
    [],
  );
  end();
});
