import widget, { prefixes, showLetter, strongest } from "../../widgets/tlkit_widgets/attention_board.js";
import { equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const open = (more = {}) => {
  const m = fakeModel({
    text: "a bc",
    network: "child",
    place: 2,
    written: "का",
    weights: [
      [0.7, 0.1, 0.1, 0.1],
      [0.1, 0.2, 0.6, 0.1],
    ],
    _source: "a bc",
    _problem: "",
    _names: ["scratch", "child"],
    ...more,
  });
  return { m, ...mount(widget, m) };
};

test("letters are counted as Unicode counts them, and blanks are seen", () => {
  equal(prefixes("का"), ["क", "का"]);
  equal(prefixes(""), []);
  equal(showLetter(" "), "␣");
  equal(strongest([0.1, 0.6, 0.3]), 1);
});

test("one row for each letter written, one column for each letter read, and the strongest is marked", () => {
  const { el, end } = open();
  equal(
    [...el.querySelectorAll("thead th")].map((cell) => cell.textContent),
    ["written so far", "a", "␣", "b", "c"],
  );
  const rows = [...el.querySelectorAll("tbody tr")];
  equal(
    rows.map((row) => [...row.children].map((cell) => cell.textContent)),
    [
      ["क", "70", "10", "10", "10"],
      ["का", "10", "20", "60", "10"],
    ],
  );
  equal(
    [...el.querySelectorAll(".tlk-attention-most")].map((cell) => cell.textContent),
    ["70", "60"],
  );
  equal(rows[0].querySelector("span").lang, "hi");
  equal(
    el.querySelector(".tlk-attention-status").textContent,
    "child writes का: for the last letter, it looks most at “b” (60 %)",
  );
  end();
});

test("the slider writes letter after letter, and keys do not reach the page", () => {
  const { m, el, end } = open();
  const slider = el.querySelector('input[type="range"]');
  equal([slider.max, slider.value], ["2", "2"]);
  slider.value = 1;
  slider.dispatchEvent(new Event("input"));
  equal([m.state.place, m.saves, el.querySelectorAll("tbody tr").length], [1, 1, 1]);
  equal(slider.getAttribute("aria-valuetext"), "1 of 2 letters");
  equal(
    keysThatEscape(() => key(slider, "ArrowRight")),
    [],
  );
  m.set("place", 0);
  equal(el.querySelector(".tlk-attention-status").textContent, "Nothing is written yet.");
  end();
});

test("a name and a network are told to the kernel, and a problem is said", () => {
  const { m, el, end } = open();
  const field = el.querySelector('input[type="text"]');
  field.value = "chad";
  field.dispatchEvent(new Event("change"));
  const choice = el.querySelector("select");
  choice.value = "scratch";
  choice.dispatchEvent(new Event("change"));
  equal([m.state.text, m.state.network, m.saves], ["chad", "scratch", 2]);
  m.set("_problem", "the networks know no 7.");
  equal(el.querySelector('[role="alert"]').textContent, "the networks know no 7.");
  end();
});
