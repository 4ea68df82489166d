import widget, { summary } from "../../widgets/tlkit_widgets/progress.js";
import { equal, fakeModel, mount, test } from "./harness.js";

const exercise = (id, points, state) => ({
  id,
  title: `title ${id}`,
  points,
  of: 2,
  attempts: points ? 1 : 0,
  hints: 0,
  state,
});
const lesson = (number, ...exercises) => ({
  number,
  points: exercises.reduce((s, e) => s + e.points, 0),
  of: 2 * exercises.length,
  exercises,
});
const LESSONS = [
  lesson(1, exercise("1.1", 2, "right"), exercise("1.2", 0.5, "partly")),
  lesson(2, exercise("2.1", 0, "not attempted")),
];

test("points of all lessons", () => equal(summary(LESSONS), "2.5 of 6 points"));

test("state is a mark, a word and never colour alone", () => {
  const { el } = mount(widget, fakeModel({ lessons: LESSONS }));
  equal(
    [...el.querySelectorAll("[role=img]")].map((mark) => [mark.textContent, mark.getAttribute("aria-label")]),
    [
      ["✓", "right"],
      ["◐", "partly"],
      ["○", "not attempted"],
    ],
  );
});

test("an update keeps open what was open", () => {
  const m = fakeModel({ lessons: LESSONS });
  const { el } = mount(widget, m);
  el.querySelectorAll("details")[1].open = true;
  m.set("lessons", [LESSONS[0], lesson(2, exercise("2.1", 2, "right"))]);
  equal(
    [...el.querySelectorAll("details")].map((details) => details.open),
    [false, true],
  );
  equal(el.querySelector("[role=status]").textContent, "4.5 of 6 points");
});

test("words of another language, and its code for who reads aloud", () => {
  const words = { "": "de", "{0} of {1}": "{0} von {1}", "{0} points": "{0} Punkten", right: "richtig" };
  const { el } = mount(widget, fakeModel({ lessons: LESSONS, _translations: words }));
  equal([el.lang, el.querySelector("[role=status]").textContent], ["de", "2.5 von 6 Punkten"]);
  equal(el.querySelector("[role=img]").getAttribute("aria-label"), "richtig");
  const english = mount(widget, fakeModel({ lessons: LESSONS })).el;
  equal([english.lang, english.querySelector("[role=status]").textContent], ["", "2.5 of 6 points"]);
});
