import widget, { inline } from "../../widgets/tlkit_widgets/quiz_form.js";
import { equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const QUESTION = { text: "What does `fit` do?", code: "a\nb", choices: ["1", "2", "3", "4"] };
const ROW = {
  title: "Fit",
  text: QUESTION.text,
  code: "",
  right: "2",
  because: "It is.",
  lesson: 2,
  before: { state: "wrong", belief: "`<b>` is bold." },
  after: { state: "right", belief: "" },
};
const open = (state = {}) => {
  const m = fakeModel({
    answers: [-1, -1],
    started: false,
    _attempt: 0,
    _questions: [QUESTION, QUESTION],
    _review: [],
    _note: "",
    ...state,
  });
  return { m, ...mount(widget, m) };
};
const text = (node) => node.textContent;

test("a click chooses, and the count follows", () => {
  const { m, el, end } = open();
  const before = m.get("answers");
  el.querySelectorAll("fieldset")[1].querySelectorAll("input")[4].click();
  equal(m.get("answers"), [-1, 4]);
  equal(before, [-1, -1], "the trait is replaced, not changed in place");
  equal(text(el.querySelector(".tlk-soft")), "1 of 2 questions answered");
  m.set("answers", [2, 4]);
  equal(
    [...el.querySelectorAll("input:checked")].map(({ value }) => value),
    ["2", "4"],
  );
  el.querySelector("button").click();
  equal(m.sent, ["hand in"]);
  end();
});

test("the second attempt begins when it is wanted", () => {
  const { m, el, end } = open({ _attempt: 1, _questions: [], _note: "Saved." });
  equal([...el.querySelectorAll("button")].map(text), ["Begin the second attempt"]);
  equal(text(el.querySelector("[role=status]")), "Saved.");
  el.querySelector("button").click();
  equal(m.get("started"), true);
  m.set("_questions", [QUESTION]);
  equal([...el.querySelectorAll("button")].map(text), ["Hand in"]);
  end();
});

test("the review shows both attempts, and no text becomes markup", () => {
  const { el, end } = open({ _attempt: 2, _questions: [], _review: [ROW] });
  equal([...el.querySelectorAll("li > p")].map(text), [
    "Before: ✗ wrong, as if: <b> is bold.",
    "After: ✓ right",
    "2. It is. Lesson 2.",
  ]);
  equal(el.querySelectorAll("button").length, 0);
  end();
});

test("backticks mark code", () => {
  equal(
    inline("a `b` c").map((part) => part.outerHTML ?? part),
    ["a ", "<code>b</code>", " c"],
  );
});

test("no key leaves the form for the notebook", () => {
  const { el, end } = open();
  equal(
    keysThatEscape(() => key(el.querySelector("input"), "x")),
    [],
  );
  end();
});
