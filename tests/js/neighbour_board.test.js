import widget, { sayCosine, sayNearest } from "../../widgets/tlkit_widgets/neighbour_board.js";
import { equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const neighbours = {
  before: [["wing", "a bad wing", -0.031]],
  after: [
    ["sand cat", "a small <b>cat</b>", 0.91],
    ["caracal", "a lynx", 0.8],
  ],
};
const open = () => {
  const m = fakeModel({ text: "a wild cat", neighbours, _examples: ["you sit on it", "a wild cat"], _most: 300 });
  const { el, end } = mount(widget, m);
  return { m, el, end, field: el.querySelector("input"), status: el.querySelector("[role=status]") };
};

test("cosines and neighbours are said", () => {
  equal([sayCosine(0.9149), sayCosine(-0.03)], ["0.91", "−0.03"]);
  equal(sayNearest("x", neighbours), "Nearest to “x”: before, wing; after, sand cat.");
  equal(sayNearest("", { before: [], after: [] }), "Type a sentence.");
});

test("both lists stand side by side, and texts are no HTML", () => {
  const { el, end, status } = open();
  equal(
    [...el.querySelectorAll("h4")].map((each) => each.textContent),
    ["before", "after"],
  );
  equal(
    [...el.querySelectorAll("section")].map((each) => each.querySelectorAll("li").length),
    [1, 2],
  );
  equal(el.querySelectorAll("b").length, 0);
  equal(status.textContent.includes("sand cat"), true);
  end();
});

test("a sentence is asked for by the form, an example by its button", () => {
  const { m, el, end, field } = open();
  field.value = "it cuts wood";
  el.querySelector("form").requestSubmit();
  equal(m.state.text, "it cuts wood");
  el.querySelectorAll(".tlk-near-examples button")[0].click();
  equal([m.state.text, field.value, m.saves], ["you sit on it", "you sit on it", 2]);
  end();
});

test("new neighbours are shown, or that there is no sentence", () => {
  const { m, el, end } = open();
  m.set("neighbours", { before: [], after: [] });
  equal(
    [...el.querySelectorAll("li")].map((each) => each.textContent),
    ["No sentence yet.", "No sentence yet."],
  );
  end();
});

test("what is typed does not reach JupyterLab's command mode", () => {
  const { end, field } = open();
  equal(
    keysThatEscape(() => key(field, "x")),
    [],
  );
  end();
});
